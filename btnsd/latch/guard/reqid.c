/* Reqids: numbers for (peer key, suite), given out, found, and forgotten when nothing uses them. */
#include "btnsd/latch/guard/reqid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFIED "certified"

/* One text for each suite, for good: there are few. */
const char *pair_label(const char *suite, bool certified)
{
    static char labels[16][64];
    char text[64];
    if (!certified)
        return suite;
    snprintf(text, sizeof text, CERTIFIED "%s%s", suite ? "-" : "", suite ? suite : "");
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (!labels[i][0])
            memcpy(labels[i], text, sizeof text);
        if (!strcmp(labels[i], text))
            return labels[i];
    }
    return NULL;
}

bool pair_is_certified(const struct pair *p, const char **suite)
{
    const size_t n = sizeof CERTIFIED - 1;
    bool certified = p->suite && !strncmp(p->suite, CERTIFIED, n);
    *suite = !certified ? p->suite : p->suite[n] ? p->suite + n + 1 : NULL;
    return certified;
}

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
    p->count = 0;
}

/* The next number that no pair has, round and round. */
uint32_t pair_placeholder(struct pairs *p)
{
    for (uint32_t tries = REQID_FIRST; tries < REQID_LAST; tries++) {
        p->last = p->last >= REQID_LAST ? REQID_FIRST + 1 : p->last + 1;
        if (!pair_by_reqid(p, p->last))
            return p->last;
    }
    return 0;
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

const struct pair *pair_by_reqid(const struct pairs *p, uint32_t reqid)
{
    const struct pair *i = p->list;
    while (i && i->reqid != reqid)
        i = i->next;
    return i;
}
