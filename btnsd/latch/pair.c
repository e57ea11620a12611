/* Reqids: the kernel's names for (peer key, suite). One number never means two keys. */
#include "pair.h"

#include <stdlib.h>
#include <string.h>

void pairs_init(struct pairs *p, uint32_t used)
{
    if (p->last < REQID_FIRST)
        p->last = REQID_FIRST;
    if (p->last < used)
        p->last = used;
}

void pairs_free(struct pairs *p)
{
    while (p->list) {
        struct pair *next = p->list->next;
        free(p->list);
        p->list = next;
    }
}

uint32_t pair_placeholder(struct pairs *p)
{
    return p->last >= REQID_LAST ? 0 : ++p->last;
}

static bool same_suite(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

const struct pair *pair_get(struct pairs *p, const struct btns_key *key, const char *suite)
{
    for (const struct pair *i = p->list; i; i = i->next)
        if (btns_key_equal(&i->key, key) && same_suite(i->suite, suite))
            return i;
    uint32_t reqid = pair_placeholder(p);
    struct pair *n = reqid ? calloc(1, sizeof *n) : NULL;
    if (!n)
        return NULL;
    *n = (struct pair){p->list, *key, suite, reqid};
    p->list = n;
    pairs_write(p);
    return n;
}

const struct pair *pair_by_reqid(const struct pairs *p, uint32_t reqid)
{
    const struct pair *i = p->list;
    while (i && i->reqid != reqid)
        i = i->next;
    return i;
}
