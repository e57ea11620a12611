/* Subtracts a set of prefixes from a prefix. Pure. */
#ifndef BTNS_PLAN_PREFIXES_H
#define BTNS_PLAN_PREFIXES_H

#include "btnsd/rules/model/rules.h"

#define PREFIX_SET_MAX 256

struct prefix_set {
    struct prefix item[PREFIX_SET_MAX];
    size_t n;
};

bool prefix_set_add(struct prefix_set *s, const struct prefix *p); /* false: full */
/* Calls cb with prefixes that together are p without the addresses in s. */
void prefix_without(const struct prefix *p, const struct prefix_set *s,
                    void (*cb)(void *arg, const struct prefix *part), void *arg);

#endif
