/* Texts of rules, each with the set of rules that have it: collecting and packing. */
#include "btnsd/rules/index/named.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int packer_pack(struct packer *p, const uint64_t **set)
{
    *set = bits_pack(p->arena, &p->shape, p->plain, &p->octets);
    memset(p->plain, 0, p->shape.words * sizeof *p->plain);
    if (!*set)
        return -ENOMEM;
    return p->octets > INDEX_OCTETS_MAX ? -E2BIG : 0;
}

int uses_add(struct uses *u, const char *text, size_t first, size_t end)
{
    if (u->n == u->size) {
        size_t size = u->size ? u->size * 2 : 64;
        struct use *more = realloc(u->use, size * sizeof *more);
        if (!more)
            return -ENOMEM;
        u->use = more;
        u->size = size;
    }
    u->use[u->n++] = (struct use){text, first, end};
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    int differ = strcmp(x->text, y->text);
    return differ ? differ : (x->first > y->first) - (x->first < y->first);
}

static int pack_all(const struct uses *u, struct packer *p, struct named_sets *sets)
{
    for (size_t i = 0; i < u->n; sets->n++) {
        struct named_set *s = &sets->item[sets->n];
        s->text = u->use[i].text;
        for (; i < u->n && !strcmp(s->text, u->use[i].text); i++)
            for (size_t k = u->use[i].first; k < u->use[i].end; k++)
                bits_add(p->plain, k);
        int rc = packer_pack(p, &s->set);
        if (rc)
            return rc;
    }
    return 0;
}

int uses_pack(struct uses *u, struct packer *p, struct named_sets *sets)
{
    *sets = (struct named_sets){.item = policy_arena_get(p->arena, u->n, sizeof *sets->item)};
    if (u->n)
        qsort(u->use, u->n, sizeof *u->use, compare);
    p->octets += u->n * sizeof *sets->item;
    int rc = sets->item ? pack_all(u, p, sets) : -ENOMEM;
    free(u->use);
    *u = (struct uses){0};
    return rc;
}
