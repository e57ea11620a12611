/* Decides with the rules of all authors: one walk over them, in the order that view.h describes. */
#include "btnsd/rules/ask/view.h"

#include "btnsd/rules/model/match.h"
#include "btnsd/rules/model/strength.h"

static bool view_has_rule(const struct rules *r, const struct rule *rule)
{
    return r && rule >= r->rule && rule < r->rule + r->n;
}

static const struct rule *view_next_mandatory(const struct view *v, const struct question *q,
                                              const struct rule *from)
{
    const struct rule *rule = v->host->mandatory ? rules_decide(v->host, q, from) : NULL;
    return rule && rule->rank == RANK_MANDATORY ? rule : NULL;
}

/* Does this rule of the user replace the mandatory rules that match? */
static bool view_raises_mandatory(const struct view *v, const struct question *q,
                                  const struct rule *own)
{
    bool stronger = false;
    const struct rule *m = NULL;
    while ((m = view_next_mandatory(v, q, m))) {
        if (!rule_at_least(own, m))
            return false;
        stronger |= !rule_at_least(m, own);
    }
    return stronger;
}

static const struct rule *view_next_own(const struct view *v, const struct question *q,
                                        const struct rule *from, bool raising)
{
    const struct rule *rule = from;
    while (v->own && (rule = rules_decide(v->own, q, rule)))
        if (view_raises_mandatory(v, q, rule) == raising)
            return rule;
    return NULL;
}

bool view_blocked(const struct view *v, const struct rule *rule)
{
    if (!view_has_rule(v->host, rule) || rule->rank == RANK_MANDATORY)
        return false;
    size_t i = (size_t)(rule - v->host->rule);
    return v->others_blocked || (v->blocked && v->blocked[i / 64] >> i % 64 & 1);
}

static const struct rule *view_next_foreign(const struct view *v, const struct question *q,
                                            const struct rule *from)
{
    const struct rule *rule = from;
    if (v->others_blocked)
        return NULL;
    while ((rule = rules_decide(v->host, q, rule)))
        if (rule->rank != RANK_MANDATORY && !view_blocked(v, rule))
            return rule;
    return NULL;
}

enum view_stage view_stage(const struct view *v, const struct question *q, const struct rule *rule)
{
    if (view_has_rule(v->own, rule))
        return view_raises_mandatory(v, q, rule) ? VIEW_RAISING : VIEW_OWN;
    return rule->rank == RANK_MANDATORY ? VIEW_MANDATORY : VIEW_OTHERS;
}

static const struct rule *view_next_in(const struct view *v, const struct question *q,
                                       enum view_stage stage, const struct rule *from)
{
    switch (stage) {
    case VIEW_RAISING:
        return view_next_own(v, q, from, true);
    case VIEW_MANDATORY:
        return view_next_mandatory(v, q, from);
    case VIEW_OWN:
        return view_next_own(v, q, from, false);
    default:
        return view_next_foreign(v, q, from);
    }
}

const struct rule *view_decide(const struct view *v, const struct question *q,
                               const struct rule *from)
{
    const struct rule *found = NULL;
    enum view_stage s = from                           ? view_stage(v, q, from)
                        : v->own && v->host->mandatory ? VIEW_RAISING
                                                       : VIEW_MANDATORY;
    for (; !found && s < VIEW_STAGES; s++, from = NULL)
        found = view_next_in(v, q, s, from);
    return found;
}

bool view_binds(const struct view *v, const struct question *q, const struct rule *rule)
{
    return rule && (rule->rank == RANK_MANDATORY ||
                    (view_has_rule(v->own, rule) && view_raises_mandatory(v, q, rule)));
}

/*
 * With the host's rules alone, rules_settled(); else no rule that could match may have a changeable
 * condition.
 */
bool view_settled(const struct view *v, const struct question *q, const struct rule *rule)
{
    if (!v->own && !v->blocked && !v->others_blocked)
        return rules_settled(v->host, q, rule);
    return rules_steady(v->host, q) && (!v->own || rules_steady(v->own, q));
}

unsigned view_needs(const struct view *v)
{
    return v->host->needs | (v->own ? v->own->needs : 0);
}
