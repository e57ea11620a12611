/* Intervals of numbers, each a rule's: sweeping over them once, keeping every change; halving. */
#include "btnsd/rules/index/cover.h"

#include <errno.h>
#include <stdlib.h>

static int add(struct cover_edges *e, const struct cover_edge *edge)
{
    if (e->n == e->size) {
        size_t size = e->size ? e->size * 2 : 64;
        struct cover_edge *more = realloc(e->edge, size * sizeof *more);
        if (!more)
            return -ENOMEM;
        e->edge = more;
        e->size = size;
    }
    e->edge[e->n++] = *edge;
    return 0;
}

int cover_add(struct cover_edges *e, cover_number from, cover_number to, uint32_t rule)
{
    struct cover_edge edge = {.at = from, .rule = rule, .begins = true};
    int rc = add(e, &edge);
    edge.at = to + 1;
    edge.begins = false;
    return rc || !edge.at ? rc : add(e, &edge); /* 0: up to the end of the line */
}

static int compare(const void *a, const void *b)
{
    cover_number x = ((const struct cover_edge *)a)->at, y = ((const struct cover_edge *)b)->at;
    return (x > y) - (x < y);
}

struct sweep {
    uint32_t *count; /* by how many intervals each rule covers: its own may overlap */
    uint64_t *plain;
    struct bits_shape shape;
};

static void take(struct sweep *s, const struct cover_edge *e)
{
    uint32_t i = e->rule;
    s->count[i] += e->begins ? 1u : ~0u;
    uint64_t bit = (uint64_t)1 << i % 64;
    s->plain[i / 64] = s->count[i] ? s->plain[i / 64] | bit : s->plain[i / 64] & ~bit;
}

static bool is_empty(const struct sweep *s)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < s->shape.words; i++)
        any |= s->plain[i];
    return !any;
}

static int sweep(struct cover *c, struct sweep *s, const struct cover_edges *e,
                 struct policy_arena *arena, size_t *octets, size_t most)
{
    for (size_t i = 0; i < e->n; c->n++) {
        c->number[c->n] = e->edge[i].at;
        do
            take(s, &e->edge[i++]);
        while (i < e->n && e->edge[i].at == c->number[c->n]);
        c->set[c->n] = is_empty(s) ? c->none : bits_pack(arena, &s->shape, s->plain, octets);
        if (!c->set[c->n])
            return -ENOMEM;
        if (*octets > most)
            return -E2BIG;
    }
    return 0;
}

static int allocate(struct cover *c, size_t edges, struct policy_arena *arena, size_t *octets)
{
    c->set = policy_arena_get(arena, edges, sizeof *c->set);
    c->number = policy_arena_get(arena, edges, sizeof *c->number);
    *octets += edges * (sizeof *c->set + sizeof *c->number);
    return c->set && c->number ? 0 : -ENOMEM;
}

int cover_build(struct cover *c, struct cover_edges *e, struct policy_arena *arena, size_t rules,
                size_t *octets, size_t most)
{
    struct sweep s = {.shape = bits_shape(rules)};
    s.count = calloc(rules + 1, sizeof *s.count);
    s.plain = calloc(s.shape.words + 1, sizeof *s.plain);
    int rc = s.count && s.plain ? allocate(c, e->n, arena, octets) : -ENOMEM;
    if (e->n)
        qsort(e->edge, e->n, sizeof *e->edge, compare);
    if (!rc)
        rc = sweep(c, &s, e, arena, octets, most);
    free(s.count);
    free(s.plain);
    free(e->edge);
    *e = (struct cover_edges){0};
    return rc;
}

const uint64_t *cover_find(const struct cover *c, cover_number number)
{
    size_t from = 0, n = c->n;
    while (n) {
        size_t half = n / 2;
        bool right = c->number[from + half] <= number;
        from = right ? from + half + 1 : from;
        n = right ? n - half - 1 : half;
    }
    return from ? c->set[from - 1] : c->none;
}
