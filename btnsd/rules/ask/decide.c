/* Decides: finds the first rule, in order, that matches a question. Pure. */
#include "btnsd/rules/index/index.h"

const struct rule *rules_decide(const struct rules *r, const struct question *q,
                                const struct rule *from)
{
    struct index_effort effort = {0};
    size_t n = index_first(r, q, from ? (size_t)(from - r->rule) + 1 : 0, 0, &effort);
    return n < r->n ? &r->rule[n] : NULL;
}

/*
 * The conditions that may hold for the program's next question even if they do not hold for this
 * one.
 */
#define CHANGEABLE (MISS_USER | MISS_GROUP | MISS_CGROUP | MISS_LOCAL | MISS_INTERFACE | MISS_PEER)

static bool is_decision_changeable(const struct rule *rule)
{
    return rule->users || rule->groups || rule->cgroups || rule->locals || rule->interfaces ||
           rule->peer != SEEN_ANY || rule->log;
}

/*
 * Checks that the answer has no changeable condition and that no earlier rule could match if others
 * changed.
 */
bool rules_settled(const struct rules *r, const struct question *q, const struct rule *rule)
{
    struct index_effort effort = {0};
    size_t n = rule ? (size_t)(rule - r->rule) : r->n;
    if (rule && is_decision_changeable(rule))
        return false;
    return index_first(r, q, 0, CHANGEABLE, &effort) == n;
}

#define STEPS_MAX 16

bool rules_steady(const struct rules *r, const struct question *q)
{
    struct index_effort effort = {0};
    size_t n = 0;
    for (unsigned i = 0; i < STEPS_MAX; i++, n++) {
        n = index_first(r, q, n, CHANGEABLE, &effort);
        if (n == r->n)
            return true;
        if (is_decision_changeable(&r->rule[n]))
            return false;
    }
    return false;
}
