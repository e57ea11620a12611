/* The table of reqids: finds pairs of key and suite, and free numbers. */
#include "btnsd/latch/guard/reqid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFIED "certified"

/* One text for each suite; never freed, as there are few. */
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
    hash_table_free(&p->by_reqid);
    hash_table_free(&p->by_key);
    p->count = 0;
}

static uint64_t hash_reqid(uint32_t reqid)
{
    return hash_more(hash_begin(), &reqid, sizeof reqid);
}

/* One key has few pairs: one for each suite. */
static uint64_t hash_key(const struct btns_key *key)
{
    return hash_more(hash_begin(), key->raw, sizeof key->raw);
}

static bool same_suite(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

const struct pair *pair_find(const struct pairs *p, const struct btns_key *key, const char *suite)
{
    const size_t at = offsetof(struct pair, at_key);
    const struct pair *i = hash_item(hash_table_first(&p->by_key, hash_key(key)), at);
    while (i && !(btns_key_equal(&i->key, key) && same_suite(i->suite, suite)))
        i = hash_item(hash_table_next(&i->at_key), at);
    return i;
}

struct pair *pair_add(struct pairs *p, const struct btns_key *key, const char *suite,
                      uint32_t reqid)
{
    struct pair *n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->key = *key;
    n->suite = suite;
    n->reqid = reqid;
    n->next = p->list;
    p->list = n;
    hash_table_enter(&p->by_reqid, &n->at_reqid, hash_reqid(reqid));
    hash_table_enter(&p->by_key, &n->at_key, hash_key(key));
    p->count++;
    return n;
}

void pair_leave(struct pairs *p, struct pair *pair)
{
    hash_table_leave(&p->by_reqid, &pair->at_reqid);
    hash_table_leave(&p->by_key, &pair->at_key);
    p->count--;
}

/* The next number that no pair has; the last number is followed by the first. */
uint32_t pair_placeholder(struct pairs *p)
{
    for (uint32_t tries = REQID_FIRST; tries < REQID_LAST; tries++) {
        p->last = p->last >= REQID_LAST ? REQID_FIRST + 1 : p->last + 1;
        if (!pair_by_reqid(p, p->last))
            return p->last;
    }
    return 0;
}

const struct pair *pair_by_reqid(const struct pairs *p, uint32_t reqid)
{
    const size_t at = offsetof(struct pair, at_reqid);
    const struct pair *i = hash_item(hash_table_first(&p->by_reqid, hash_reqid(reqid)), at);
    while (i && i->reqid != reqid)
        i = hash_item(hash_table_next(&i->at_reqid), at);
    return i;
}
