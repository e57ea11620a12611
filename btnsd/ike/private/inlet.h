/* Inlets: for which of our services a peer may bring up child SAs, and with which suite (pure). */
#ifndef BTNS_IKE_INLET_H
#define BTNS_IKE_INLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inlet {
    uint16_t from, to; /* our TCP ports */
    const char *suite; /* static storage; NULL: any that we know */
};

/* Disjoint; no order. */
struct inlets {
    struct inlet *at; /* owned */
    size_t n, room;
    bool failed; /* out of memory: then there is none, which is closed, not open */
};

void inlets_free(struct inlets *l);
/* Nothing comes in by these ports any more. */
void inlets_close(struct inlets *l, uint16_t from, uint16_t to);
/* These ports, which are closed so far, open. */
void inlets_open(struct inlets *l, uint16_t from, uint16_t to, const char *suite);
/* The one that has the port, or NULL. */
const struct inlet *inlets_find(const struct inlets *l, uint16_t port);
bool inlets_equal(const struct inlets *a, const struct inlets *b);
/* 0 or -ENOMEM, and then `to` is empty. */
int inlets_copy(struct inlets *to, const struct inlets *from);

#endif
