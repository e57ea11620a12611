/* Reqids: the kernel's names for (peer key, suite). One number never means two keys. */
#ifndef BTNS_PAIR_H
#define BTNS_PAIR_H

#include "../../libapi/key.h"

#include <stdbool.h>
#include <stdint.h>

#define REQID_FIRST 0x62000000u
#define REQID_LAST  0x62ffffffu

struct pair {
    struct pair *next;
    struct btns_key key;
    const char *suite; /* NULL: what the peer may choose when it initiates */
    uint32_t reqid;
};

struct pairs {
    struct pair *list;
    uint32_t last;
    const char *path; /* where they outlive btnsd, or NULL */
};

/* Numbers up to `used` are never given out (the kernel may know them from an earlier life). */
void pairs_init(struct pairs *p, uint32_t used);
void pairs_free(struct pairs *p);
/* NULL when out of memory or numbers. suite: static storage, or NULL. */
const struct pair *pair_get(struct pairs *p, const struct btns_key *key, const char *suite);
const struct pair *pair_by_reqid(const struct pairs *p, uint32_t reqid);
/* A reqid that no SA will ever have: its template only holds packets. 0: none left. */
uint32_t pair_placeholder(struct pairs *p);

/*
 * pair_file.c. The file is of this boot: reqids mean nothing after the next. Reading takes what is
 * whole and well formed up to the first fault; a missing file is empty. suite_of turns a name into
 * the static text of it, or NULL.
 */
void pairs_read(struct pairs *p, const char *path, const char *(*suite_of)(const char *name));
void pairs_write(const struct pairs *p);

static inline bool reqid_is_ours(uint32_t reqid)
{
    return reqid >= REQID_FIRST && reqid <= REQID_LAST;
}

#endif
