/* A generation's index: which rules to look at for a question, without looking at the others. */
#ifndef BTNS_RULES_INDEX_H
#define BTNS_RULES_INDEX_H

#include "arena.h"
#include "bits.h"
#include "cover.h"
#include "rules.h"

/* More than this and the generation is refused: its ports, prefixes or patterns overlap wildly. */
#define INDEX_OCTETS_MAX (256u << 20)

struct index_path {
    const char *path; /* NULL: a free place */
    uint64_t hash;
    const uint64_t *set;
};

/*
 * For every condition the set of rules that do not have it (any_*), and for each of its possible
 * values the set of those that have it and hold. The rules that match are in one of both for every
 * condition. Patterns are the exception: the sets of their heads and tails hold more than match.
 */
struct rules_index {
    struct bits_shape shape;
    const uint64_t *none, *all;
    const uint64_t *at[2]; /* by enum point */
    const uint64_t *any_program, *any_port, *any_remote;
    struct index_path *path; /* a hash table of `paths` places, a power of two */
    size_t paths;
    struct cover head, tail; /* of patterns */
    struct cover port, remote4, remote6;
    const uint32_t *section; /* for each rule, which run of rules has the same patterns */
    size_t octets;
};

/* What deciding cost, for tests: a deterministic number where time is none. */
struct index_effort {
    unsigned words;    /* of 64 rules each */
    unsigned patterns; /* sections whose patterns were compared */
};

/* 0, -ENOMEM, or -E2BIG. */
int index_build(const struct rules *r, struct policy_arena *arena,
                const struct rules_index **index);
/* The first rule from number `from` on that matches q, or r->n. Adds to *effort. */
size_t index_first(const struct rules *r, const struct question *q, size_t from,
                   struct index_effort *effort);
uint64_t index_hash(const char *path, size_t len);
/* A prefix's first address, or an address, as a number: IPv4 by its 32 bits, IPv6 by its 128. */
cover_number index_number(const struct btns_addr *a);

#endif
