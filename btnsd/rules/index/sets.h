/* The sets of rules that a question's parts lead to: of each condition's, a rule must be in one. */
#ifndef BTNS_RULES_SETS_H
#define BTNS_RULES_SETS_H

#include "btnsd/rules/index/index.h"

#define SETS_EACH 256 /* of one condition; more are merged */
#define SETS_MANY 3   /* conditions that can have more than two: programs, groups, control groups */
#define SETS_MAX  (SETS_EACH * SETS_MANY + 2 * DIMENSIONS)
#define SETS_WORDS                                                                                 \
    (INDEX_RULES_MAX / 64 + INDEX_RULES_MAX / BITS_LINE_RULES / 64 +                               \
     INDEX_RULES_MAX / BITS_LINE_RULES / 4 + 2)

struct sets {
    const struct rules_index *ix;
    const uint64_t *set[SETS_MAX]; /* a condition's one after the other */
    unsigned n;
    unsigned end[DIMENSIONS], conditions;
    bool nothing; /* no rule is in any set of some condition */

    unsigned first;     /* of the condition that is being looked at */
    bool whole;         /* every rule is in one of its sets */
    uint64_t *together; /* its sets, merged; NULL: they are few */
    unsigned merged;
    uint64_t room[SETS_MANY][SETS_WORDS] __attribute__((aligned(16)));
};

/* Conditions in `skip` (bits of enum dimension) are taken to hold. Adds to *effort. */
void sets_find(struct sets *s, const struct rules_index *ix, const struct question *q,
               unsigned skip, struct index_effort *effort);

#endif
