/*
 * A generation's index: the rules that match a program are found once, and kept by the program's
 * path; their other conditions are compared in the rules' order, for each question.
 */
#ifndef BTNS_RULES_INDEX_INDEX_H
#define BTNS_RULES_INDEX_INDEX_H

#include "btnsd/rules/model/arena.h"
#include "btnsd/rules/model/rules.h"

struct rules_index;

/* The work that a decision took, for tests and the bench: it does not depend on the machine. */
struct index_effort {
    unsigned rules; /* number of rules whose conditions were compared */
    unsigned found; /* number of programs whose rules were not in the cache */
};

/* The most rules in one generation. */
#define INDEX_RULES_MAX 65536u
/* A generation whose index would be larger is refused: its patterns are too many, or too long. */
#define INDEX_OCTETS_MAX (256u << 20)

/* 0, -ENOMEM, -E2BIG for too many patterns, or -EFBIG for too many rules. */
int index_build(const struct rules *r, struct policy_arena *arena, struct rules_index **index);
/* Empties the cache; the rest of the index is in the generation's arena. index may be NULL. */
void index_forget(struct rules_index *index);
/* The size of the index without its cache, and of the cache. */
size_t index_octets(const struct rules_index *index);
/*
 * How many parts the patterns of programs and control groups have. The cost of a decision about a
 * new program grows with this number, and with the length of its path. index may be NULL.
 */
size_t index_parts(const struct rules_index *index);
size_t index_octets_kept(const struct rules_index *index);
/*
 * The first rule from number `from` on that matches q, or r->n. Adds to *effort. Conditions in
 * `skip` (MISS_*) count as true.
 */
size_t index_first(const struct rules *r, const struct question *q, size_t from, unsigned skip,
                   struct index_effort *effort);

#endif
