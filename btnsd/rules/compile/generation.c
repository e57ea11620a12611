/* Allocates an empty generation of rules, and frees it with all that it points to. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/files/sign_key.h"
#include "btnsd/rules/index/index.h"

#include <stdlib.h>

struct generation {
    struct rules rules; /* first, so that a pointer to it is a pointer to the whole */
    struct policy_arena arena;
};

struct rules *policy_rules_new(struct policy_arena **arena)
{
    static uint64_t last;
    struct generation *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->rules.generation = ++last;
    *arena = &g->arena;
    return &g->rules;
}

void rules_free(struct rules *r)
{
    struct generation *g = (struct generation *)r;
    if (!g)
        return;
    rules_free(r->signers);
    index_forget(r->index);
    sign_keys_free(r->sign_keys);
    if (r->names)
        lookups_free(r->names);
    free(r->names);
    policy_arena_free(&g->arena);
    free(g);
}
