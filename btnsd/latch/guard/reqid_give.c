/* Gives out reqids for (peer key, suite), and drops unused ones. */
#include "btnsd/latch/guard/reqid.h"

#include <stdlib.h>
#include <string.h>

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
    *n = (struct pair){p->list, *key, suite, reqid, false};
    p->list = n;
    p->count++;
    const char *ours;
    pair_is_certified(n, &ours);
    if (ours)
        pair_keep(p, n);
    return n;
}

void pair_keep(struct pairs *p, const struct pair *pair)
{
    struct pair *i = p->list;
    while (i && i != pair)
        i = i->next;
    if (!i || i->kept)
        return;
    i->kept = true;
    pairs_write(p);
}

void pairs_trim(struct pairs *p, bool (*used)(void *arg, const struct pair *pair), void *arg)
{
    unsigned newest = PAIRS_FEW / 4, at = 0;
    bool written = false;
    if (p->count < (p->trim_at ? p->trim_at : PAIRS_FEW))
        return;
    for (struct pair **i = &p->list; *i;) {
        struct pair *pair = *i;
        if (at++ < newest || used(arg, pair)) {
            i = &pair->next;
            continue;
        }
        *i = pair->next;
        written |= pair->kept;
        p->count--;
        free(pair);
    }
    p->trim_at = p->count * 2 > PAIRS_FEW ? p->count * 2 : PAIRS_FEW;
    if (written)
        pairs_write(p);
}
