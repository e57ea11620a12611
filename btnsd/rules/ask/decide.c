/* Deciding: the first rule, in order, that matches a question. No I/O, no state, no allocation. */
#include "btnsd/rules/index/index.h"

#include <netinet/in.h>

const struct rule *rules_decide(const struct rules *r, const struct question *q,
                                const struct rule *from)
{
    struct index_effort effort = {0};
    if (q->protocol != IPPROTO_TCP)
        return NULL;
    size_t n = index_first(r, q, from ? (size_t)(from - r->rule) + 1 : 0, 0, &effort);
    return n < r->n ? &r->rule[n] : NULL;
}

static bool is_changeable(const struct rule *rule)
{
    return rule->users || rule->groups || rule->cgroups || rule->locals || rule->interfaces ||
           rule->peer != SEEN_ANY || rule->log;
}

/* Has the answer no condition that can change, nor any rule before it that could match then? */
bool rules_settled(const struct rules *r, const struct question *q, const struct rule *rule)
{
    struct index_effort effort = {0};
    size_t n = rule ? (size_t)(rule - r->rule) : r->n;
    if (q->protocol != IPPROTO_TCP)
        return true;
    if (rule && is_changeable(rule))
        return false;
    return index_first(r, q, 0, DIMS_CHANGEABLE, &effort) == n;
}

#define STEPS_MAX 16

bool rules_steady(const struct rules *r, const struct question *q)
{
    struct index_effort effort = {0};
    size_t n = 0;
    for (unsigned i = 0; i < STEPS_MAX && q->protocol == IPPROTO_TCP; i++, n++) {
        n = index_first(r, q, n, DIMS_CHANGEABLE, &effort);
        if (n == r->n)
            return true;
        if (is_changeable(&r->rule[n]))
            return false;
    }
    return q->protocol != IPPROTO_TCP;
}
