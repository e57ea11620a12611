/*
 * Inlets: the services of ours for which a peer may bring up child SAs, and with which suite. Pure.
 */
#ifndef BTNS_IKE_PRIVATE_INLET_H
#define BTNS_IKE_PRIVATE_INLET_H

#include "libapi/wire/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inlet {
    uint8_t protocol;
    uint16_t from, to; /* our ports */
    const char *suite; /* static storage; NULL: any suite that we know */
};

/* Disjoint, in no order. */
struct inlets {
    struct inlet *at; /* owned */
    size_t n, room;
    bool failed; /* out of memory: there are no inlets, so that every port is closed */
};

void inlets_free(struct inlets *l);
/* Closes these ports to the peer. */
void inlets_close(struct inlets *l, uint8_t protocol, uint16_t from, uint16_t to);
/* Opens these ports to the peer; they must be closed. */
void inlets_open(struct inlets *l, uint8_t protocol, uint16_t from, uint16_t to, const char *suite);
/* The inlet that includes this service of ours, or NULL. */
const struct inlet *inlets_find(const struct inlets *l, struct service s);
bool inlets_equal(const struct inlets *a, const struct inlets *b);
/* 0, or -ENOMEM with an empty `to`. */
int inlets_copy(struct inlets *to, const struct inlets *from);

#endif
