/*
 * A generation's index: the rules that match a program are found once, and kept by the program's
 * path; their other conditions are compared in the rules' order, for each question.
 */
#ifndef BTNS_RULES_INDEX_H
#define BTNS_RULES_INDEX_H

#include "btnsd/rules/model/arena.h"
#include "btnsd/rules/model/rules.h"

struct rules_index;

/* What deciding cost, for tests and the bench: numbers that no machine's speed changes. */
struct index_effort {
    unsigned rules; /* whose conditions were compared */
    unsigned found; /* programs whose rules were not kept, and had to be found */
};

/* So many at most in one generation. */
#define INDEX_RULES_MAX 65536u
/* More than this and the generation is refused: its patterns are too many, or too long. */
#define INDEX_OCTETS_MAX (256u << 20)

/* 0, -ENOMEM, -E2BIG for too many patterns, or -EFBIG for too many rules. */
int index_build(const struct rules *r, struct policy_arena *arena, struct rules_index **index);
/* Frees what is kept, for the generation's end or for a test; the rest is the arena's. NULL: none.
 */
void index_forget(struct rules_index *index);
/* Memory of the index itself, and of what is kept now. */
size_t index_octets(const struct rules_index *index);
size_t index_octets_kept(const struct rules_index *index);
/*
 * The first rule from number `from` on that matches q, or r->n. Adds to *effort. Conditions in
 * `skip` (MISS_*) are taken to hold.
 */
size_t index_first(const struct rules *r, const struct question *q, size_t from, unsigned skip,
                   struct index_effort *effort);

#endif
