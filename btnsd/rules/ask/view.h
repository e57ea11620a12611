/*
 * The rules that apply to one user's processes: those of all authors, each with its author's rank.
 *
 * How they are combined (RFC 3838, 4.2.1 and 5.3): a mandatory rule that matches decides. Else the
 * user's own rule that matches, else a package's, else the administrator's default; within a rank
 * the first in order. A user can block rules of packages and defaults. Nobody can weaken a
 * mandatory rule: only the user's own rule may replace it, and only if that is at least as strong
 * in every respect as each mandatory rule that matches, and stronger than one of them.
 */
#ifndef BTNS_RULES_ASK_VIEW_H
#define BTNS_RULES_ASK_VIEW_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/model/wish.h"

struct view {
    const struct rules *host; /* mandatory, packages', defaults */
    const struct rules *own;  /* the user's rules; NULL: none */
    const uint64_t *blocked;  /* one bit for each rule of `host` that is not mandatory; or NULL */
    bool others_blocked;      /* of `host`, only the mandatory rules count */
    const struct wish *wish;  /* the policy that the program set on this socket; NULL: none */
    wish_key_named *named; /* finds keys of peers named in rules, with which the wish is compared */
    const void *names;     /* its argument */
};

/*
 * The rule that decides; NULL: none matches. `from`: the rule to continue after, for a listener,
 * whose peers are not known yet (see rules_decide()).
 */
const struct rule *view_decide(const struct view *v, const struct question *q,
                               const struct rule *from);
/*
 * Will the next such question of the same program get this answer too, even if its user, groups,
 * control group, route and peer change? Returns false also when that is hard to decide.
 */
bool view_settled(const struct view *v, const struct question *q, const struct rule *rule);
/* NEEDS_* of all rules in the view. */
unsigned view_needs(const struct view *v);
/*
 * Is the rule mandatory, or does it replace such a rule? Then no wish of a program may weaken it.
 */
bool view_binds(const struct view *v, const struct question *q, const struct rule *rule);

/* The stages of the walk over the rules: rules of an earlier stage are asked first. */
enum view_stage { VIEW_RAISING, VIEW_MANDATORY, VIEW_OWN, VIEW_OTHERS, VIEW_STAGES };
enum view_stage view_stage(const struct view *v, const struct question *q, const struct rule *rule);
bool view_blocked(const struct view *v, const struct rule *rule);

/* Like rules_candidates(), for the rules of all ranks in their order. */
size_t view_candidates(const struct view *v, const struct question *q, struct candidate *out,
                       size_t max);

#endif
