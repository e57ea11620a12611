/* Inlets: the ranges of our ports for which one peer may bring up child SAs. Pure. */
#include "btnsd/ike/private/inlet.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void inlets_free(struct inlets *l)
{
    free(l->at);
    *l = (struct inlets){0};
}

static void fail_inlets_closed(struct inlets *l)
{
    inlets_free(l);
    l->failed = true;
}

static void add_inlet(struct inlets *l, struct inlet one)
{
    struct inlet *more = l->failed ? NULL : array_grow(l->at, &l->room, l->n + 1, sizeof *more);
    if (!more) {
        fail_inlets_closed(l);
        return;
    }
    l->at = more;
    l->at[l->n++] = one;
}

void inlets_close(struct inlets *l, uint8_t protocol, uint16_t from, uint16_t to)
{
    for (size_t i = l->n; i-- > 0;) {
        struct inlet old = l->at[i];
        if (old.protocol != protocol || old.to < from || old.from > to)
            continue;
        l->at[i] = l->at[--l->n];
        if (old.from < from)
            add_inlet(l, (struct inlet){protocol, old.from, (uint16_t)(from - 1), old.suite});
        if (old.to > to)
            add_inlet(l, (struct inlet){protocol, (uint16_t)(to + 1), old.to, old.suite});
    }
}

void inlets_open(struct inlets *l, uint8_t protocol, uint16_t from, uint16_t to, const char *suite)
{
    add_inlet(l, (struct inlet){protocol, from, to, suite});
}

const struct inlet *inlets_find(const struct inlets *l, struct service s)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].protocol == s.protocol && l->at[i].from <= s.port && s.port <= l->at[i].to)
            return &l->at[i];
    return NULL;
}

static bool has_inlet(const struct inlets *l, const struct inlet *one)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].protocol == one->protocol && l->at[i].from == one->from &&
            l->at[i].to == one->to && l->at[i].suite == one->suite)
            return true;
    return false;
}

bool inlets_equal(const struct inlets *a, const struct inlets *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++)
        equal = has_inlet(b, &a->at[i]);
    return equal;
}

int inlets_copy(struct inlets *to, const struct inlets *from)
{
    *to = (struct inlets){0};
    if (!from->n)
        return 0;
    to->at = calloc(from->n, sizeof *to->at);
    if (!to->at)
        return -ENOMEM;
    memcpy(to->at, from->at, from->n * sizeof *to->at);
    to->n = to->room = from->n;
    return 0;
}
