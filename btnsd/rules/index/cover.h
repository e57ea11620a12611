/* Intervals of numbers, each a rule's; and for a number, the set of rules that cover it. */
#ifndef BTNS_RULES_COVER_H
#define BTNS_RULES_COVER_H

#include "btnsd/rules/index/bits.h"

typedef unsigned __int128 cover_number;

/* Where a rule begins to cover, or ceases to. */
struct cover_edge {
    cover_number at;
    uint32_t rule;
    bool begins;
};

struct cover_edges {
    struct cover_edge *edge;
    size_t n, size;
};

struct cover {
    size_t n;
    cover_number *number; /* where the line changes */
    const uint64_t **set; /* what covers from there on */
    const uint64_t *none; /* before the first */
};

/* An interval, both ends included. 0 or -ENOMEM. */
int cover_add(struct cover_edges *e, cover_number from, cover_number to, uint32_t rule);
/* Frees the edges' memory. 0, -ENOMEM, or -E2BIG when *octets would be more than `most`. */
int cover_build(struct cover *c, struct cover_edges *e, struct policy_arena *arena, size_t rules,
                size_t *octets, size_t most);

const uint64_t *cover_find(const struct cover *c, cover_number number);

#endif
