/*
 * What one user's processes are subject to: everybody's rules, each with its author's rank.
 *
 * The rule (RFC 3838, 4.2.1 and 5.3): a mandatory rule that matches decides. Else the user's own
 * that matches, else a package's, else the administrator's default; of one rank the first in order.
 * The user's blocks take packages' and defaults' rules out. Monotone: of what stands below a
 * mandatory rule only the user's own rule may replace it, and only if it is at least as strong in
 * every respect as each mandatory rule that matches, and stronger than one of them.
 */
#ifndef BTNS_RULES_VIEW_H
#define BTNS_RULES_VIEW_H

#include "btnsd/rules/model/rules.h"

struct view {
    const struct rules *host; /* mandatory, packages', defaults */
    const struct rules *own;  /* the user's; NULL: none */
    const uint64_t *blocked;  /* a bit for each of host's rules, none of a mandatory one; or NULL */
    bool others_blocked;      /* of host's, only the mandatory ones count */
};

/*
 * The rule that decides, or NULL: none matches. `from`: the one to go on after, for a listener,
 * whose callers are not known yet (rules_decide()). Pure, allocates nothing.
 */
const struct rule *view_decide(const struct view *v, const struct question *q,
                               const struct rule *from);
/*
 * Would the same program's next such question get this answer too, whatever becomes of its user,
 * groups, control group, route and peer meanwhile? False when that is hard to say.
 */
bool view_settled(const struct view *v, const struct question *q, const struct rule *rule);
/* NEEDS_*, of all its rules. */
unsigned view_needs(const struct view *v);
/* It is mandatory, or stands in for such a rule: no wish of a program may weaken it. */
bool view_binds(const struct view *v, const struct question *q, const struct rule *rule);

/* Where a rule that matches stands in that walk: a lower number is asked before. */
enum view_stage { VIEW_RAISING, VIEW_MANDATORY, VIEW_OWN, VIEW_OTHERS, VIEW_STAGES };
enum view_stage view_stage(const struct view *v, const struct question *q, const struct rule *rule);
bool view_blocked(const struct view *v, const struct rule *rule);

/* candidates.c: as rules_candidates(), among all ranks in their order. */
size_t view_candidates(const struct view *v, const struct question *q, struct candidate *out,
                       size_t max);

#endif
