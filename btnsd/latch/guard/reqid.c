/* The table of reqids: finds pairs of key and suite, and free numbers. */
#include "btnsd/latch/guard/reqid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFIED "certified"

/* One text for each suite, never freed: there are few. */
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

/* The next number that no pair has; after the last comes the first. */
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
    const struct pair *i = p->list;
    while (i && i->reqid != reqid)
        i = i->next;
    return i;
}
