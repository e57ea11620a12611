/* Texts of rules (paths, patterns, interfaces' names), each with the set of rules that have it. */
#ifndef BTNS_RULES_NAMED_H
#define BTNS_RULES_NAMED_H

#include "btnsd/rules/index/bits.h"

/* More than this and the generation is refused: its ports, prefixes or patterns overlap wildly. */
#define INDEX_OCTETS_MAX (256u << 20)

/* Packs sets of one generation. */
struct packer {
    struct policy_arena *arena;
    struct bits_shape shape;
    uint64_t *plain; /* the set in the making; empty between sets */
    const uint64_t *none, *all;
    size_t octets;
};

/* The set in the making, packed. 0, -ENOMEM, or -E2BIG. */
int packer_pack(struct packer *p, const uint64_t **set);

/* Rules first to end (not included) have the text. */
struct use {
    const char *text;
    size_t first, end;
};

struct uses {
    struct use *use;
    size_t n, size;
};

int uses_add(struct uses *u, const char *text, size_t first, size_t end);

struct named_set {
    const char *text;
    const uint64_t *set;
};

struct named_sets {
    struct named_set *item; /* no text twice */
    size_t n;
};

/* Frees the uses. 0, -ENOMEM, or -E2BIG. */
int uses_pack(struct uses *u, struct packer *p, struct named_sets *sets);

#endif
