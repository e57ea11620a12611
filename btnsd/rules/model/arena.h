/* Memory that is allocated in pieces and freed all at once: that of a generation of rules. */
#ifndef BTNS_RULES_MODEL_ARENA_H
#define BTNS_RULES_MODEL_ARENA_H

#include <stddef.h>

struct policy_arena {
    struct policy_chunk *chunk;
};

/* Allocates n * size octets, all zero, aligned for any type; NULL when there is no memory. */
void *policy_arena_get(struct policy_arena *a, size_t n, size_t size);
char *policy_arena_text(struct policy_arena *a, const char *text);
void policy_arena_free(struct policy_arena *a);

#endif
