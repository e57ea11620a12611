/* Intervals on a line, each with rules: sweeping over them once, and keeping every change. */
#include "cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

int cover_numbers(struct cover_edges *e, cover_number from, cover_number to, uint32_t rule)
{
    struct cover_edge edge = {.at = {.number = from}, .first = rule, .last = rule, .begins = true};
    int rc = add(e, &edge);
    edge.at.number = to + 1;
    edge.begins = false;
    return rc || !edge.at.number ? rc : add(e, &edge); /* 0: up to the end of the line */
}

int cover_texts(struct cover_edges *e, const char *text, size_t len, uint32_t first, uint32_t last)
{
    struct cover_edge edge = {
        .at = {.text = text, .len = (uint32_t)len}, .first = first, .last = last, .begins = true};
    int rc = add(e, &edge);
    edge.at.after = true;
    edge.begins = false;
    return rc ? rc : add(e, &edge);
}

static int compare_numbers(const void *a, const void *b)
{
    cover_number x = ((const struct cover_edge *)a)->at.number;
    cover_number y = ((const struct cover_edge *)b)->at.number;
    return (x > y) - (x < y);
}

static int compare_texts(const void *a, const void *b)
{
    const struct cover_at *x = a, *y = b;
    int differ = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    if (differ)
        return differ;
    if (x->len == y->len)
        return x->after - y->after;
    /* The shorter is a beginning of the longer: it lies before it, or behind it. */
    return x->len < y->len ? (x->after ? 1 : -1) : (y->after ? -1 : 1);
}

static int compare_edges(const void *a, const void *b)
{
    return compare_texts(&((const struct cover_edge *)a)->at, &((const struct cover_edge *)b)->at);
}

struct sweep {
    uint32_t *count; /* by how many intervals each rule covers: its own may overlap */
    uint64_t *plain;
    struct bits_shape shape;
};

static void take(struct sweep *s, const struct cover_edge *e)
{
    for (uint32_t i = e->first; i <= e->last; i++) {
        s->count[i] += e->begins ? 1u : ~0u;
        uint64_t bit = (uint64_t)1 << i % 64;
        s->plain[i / 64] = s->count[i] ? s->plain[i / 64] | bit : s->plain[i / 64] & ~bit;
    }
}

static bool is_empty(const struct sweep *s)
{
    for (uint32_t i = 0; i < s->shape.words; i++)
        if (s->plain[i])
            return false;
    return true;
}

static int sweep(struct cover *c, struct sweep *s, const struct cover_edges *e, bool texts,
                 struct policy_arena *arena, size_t *octets, size_t most)
{
    int (*compare)(const void *, const void *) = texts ? compare_edges : compare_numbers;
    for (size_t i = 0; i < e->n; c->n++) {
        size_t at = i;
        for (; i < e->n && !compare(&e->edge[at], &e->edge[i]); i++)
            take(s, &e->edge[i]);
        if (texts)
            c->text[c->n] = e->edge[at].at;
        else
            c->number[c->n] = e->edge[at].at.number;
        c->set[c->n] = is_empty(s) ? c->none : bits_pack(arena, &s->shape, s->plain, octets);
        if (!c->set[c->n])
            return -ENOMEM;
        if (*octets > most)
            return -E2BIG;
    }
    return 0;
}

static int allocate(struct cover *c, size_t edges, bool texts, struct policy_arena *arena,
                    size_t *octets)
{
    c->set = policy_arena_get(arena, edges, sizeof *c->set);
    if (texts)
        c->text = policy_arena_get(arena, edges, sizeof *c->text);
    else
        c->number = policy_arena_get(arena, edges, sizeof *c->number);
    *octets += edges * (sizeof *c->set + (texts ? sizeof *c->text : sizeof *c->number));
    return c->set && (c->text || c->number) ? 0 : -ENOMEM;
}

int cover_build(struct cover *c, bool texts, struct cover_edges *e, struct policy_arena *arena,
                size_t rules, size_t *octets, size_t most)
{
    struct sweep s = {.shape = bits_shape(rules)};
    s.count = calloc(rules + 1, sizeof *s.count);
    s.plain = calloc(s.shape.words + 1, sizeof *s.plain);
    int rc = s.count && s.plain ? allocate(c, e->n, texts, arena, octets) : -ENOMEM;
    if (e->n)
        qsort(e->edge, e->n, sizeof *e->edge, texts ? compare_edges : compare_numbers);
    if (!rc)
        rc = sweep(c, &s, e, texts, arena, octets, most);
    free(s.count);
    free(s.plain);
    free(e->edge);
    *e = (struct cover_edges){0};
    return rc;
}
