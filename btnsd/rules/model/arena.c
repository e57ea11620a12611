/* Memory that is allocated in pieces and freed all at once: that of a generation of rules. */
#include "btnsd/rules/model/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 16384

struct policy_chunk {
    struct policy_chunk *next;
    size_t used, size;
    alignas(max_align_t) char data[];
};

static struct policy_chunk *arena_chunk_new(struct policy_arena *a, size_t size)
{
    struct policy_chunk *c = calloc(1, sizeof *c + size);
    if (!c)
        return NULL;
    c->size = size;
    c->next = a->chunk;
    a->chunk = c;
    return c;
}

void *policy_arena_get(struct policy_arena *a, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / 2 / size)
        return NULL;
    const size_t align = alignof(max_align_t);
    size_t need = (n * size + align - 1) / align * align;
    struct policy_chunk *c = a->chunk;
    if (!c || need > c->size - c->used)
        c = arena_chunk_new(a, need > CHUNK ? need : CHUNK);
    if (!c)
        return NULL;
    void *got = c->data + c->used;
    c->used += need;
    return got;
}

char *policy_arena_text(struct policy_arena *a, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = policy_arena_get(a, n, 1);
    return copy ? memcpy(copy, text, n) : NULL;
}

void policy_arena_free(struct policy_arena *a)
{
    for (struct policy_chunk *c = a->chunk, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    a->chunk = NULL;
}
