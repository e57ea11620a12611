/* A generation's index: which rules to look at for a question, without looking at the others. */
#ifndef BTNS_RULES_INDEX_H
#define BTNS_RULES_INDEX_H

#include "btnsd/rules/index/cover.h"
#include "btnsd/rules/index/grams.h"
#include "btnsd/rules/index/words.h"
#include "btnsd/rules/model/rules.h"

/* The conditions that rules have, in the order in which they are looked at. */
enum dimension {
    DIM_PROGRAM,
    DIM_REMOTE,
    DIM_PORT,
    DIM_POINT,
    DIM_USER,
    DIM_GROUP,
    DIM_CGROUP,
    DIM_LOCAL,
    DIM_INTERFACE,
    DIM_PEER,
    DIMENSIONS
};
/* Those that may hold for the next question of the same program, if they do not for this one. */
#define DIMS_CHANGEABLE                                                                            \
    (1u << DIM_USER | 1u << DIM_GROUP | 1u << DIM_CGROUP | 1u << DIM_LOCAL | 1u << DIM_INTERFACE | \
     1u << DIM_PEER)

/*
 * For every condition the set of rules that do not have it (`without`), and for each of its
 * possible values the set of those that have it and hold. The rules that match are in one of both
 * for every condition.
 */
struct rules_index {
    struct bits_shape shape;
    const uint64_t *none, *all;
    const uint64_t *without[DIMENSIONS];
    const uint64_t *at[2];                  /* by enum point */
    const uint64_t *peer[SEEN_KNOWN + 1];   /* by enum seen */
    struct words program, interface;        /* as they stand */
    struct words user, group;               /* numbers */
    struct grams program_glob, cgroup_glob; /* patterns */
    struct cover port;
    struct cover remote4, remote6, local4, local6;
    size_t octets;
};

/* What deciding cost, for tests: a deterministic number where time is none. */
struct index_effort {
    unsigned lines;    /* of 512 rules each */
    unsigned patterns; /* compared */
};

/* So many at most in one generation: 128 lines of a set, which the worst question reads. */
#define INDEX_RULES_MAX 65536u

/* 0, -ENOMEM, -E2BIG, or -EFBIG for too many rules. */
int index_build(const struct rules *r, struct policy_arena *arena,
                const struct rules_index **index);
/*
 * The first rule from number `from` on that matches q, or r->n. Adds to *effort. Conditions in
 * `skip` (bits of enum dimension) are taken to hold.
 */
size_t index_first(const struct rules *r, const struct question *q, size_t from, unsigned skip,
                   struct index_effort *effort);
/* A prefix's first address, or an address, as a number: IPv4 by its 32 bits, IPv6 by its 128. */
cover_number index_number(const struct btns_addr *a);

#endif
