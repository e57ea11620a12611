/* Gives out reqids for (peer key, suite), and drops unused ones. */
#include "btnsd/latch/guard/reqid.h"

#include <stdlib.h>

const struct pair *pair_get(struct pairs *p, const struct btns_key *key, const char *suite)
{
    const struct pair *known = pair_find(p, key, suite);
    if (known)
        return known;
    uint32_t reqid = pair_placeholder(p);
    struct pair *n = reqid ? pair_add(p, key, suite, reqid) : NULL;
    if (!n)
        return NULL;
    const char *ours;
    pair_is_certified(n, &ours);
    if (ours)
        pair_keep(p, n);
    return n;
}

void pair_keep(struct pairs *p, const struct pair *pair)
{
    struct pair *ours = (struct pair *)(uintptr_t)pair;
    if (ours->kept)
        return;
    ours->kept = true;
    pairs_write_one(p, pair);
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
        pair_leave(p, pair);
        free(pair);
    }
    p->trim_at = p->count * 2 > PAIRS_FEW ? p->count * 2 : PAIRS_FEW;
    if (written)
        pairs_write(p);
}
