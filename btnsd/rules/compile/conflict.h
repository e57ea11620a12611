/*
 * Finds conflicts (RFC 3838, section 4.2.1): two rules of one author's rank, in different files
 * whose names begin with the same number, that can match the same connection and want different
 * things.
 */
#ifndef BTNS_RULES_COMPILE_CONFLICT_H
#define BTNS_RULES_COMPILE_CONFLICT_H

#include "btnsd/rules/model/rules.h"

struct policy_builder;

/*
 * The rules are sorted by rank. 0, -ENOMEM, or -EINVAL with a fault that names both rules, or says
 * that the search would take too long: its time grows with the square of the number of rules, and
 * btnsd answers nobody meanwhile.
 */
int policy_check_conflicts(struct policy_builder *b);
/* Is there a connection that both rules match? A yes may be wrong, but never a no. */
bool rules_meet(const struct rule *a, const struct rule *b);
/*
 * The two halves of rules_meet(), and how many steps the second takes at most, or `most` if that is
 * less.
 */
bool rules_programs_meet(const struct rule *a, const struct rule *b);
bool rules_others_meet(const struct rule *a, const struct rule *b);
uint64_t rules_programs_steps(const struct rule *a, const struct rule *b, uint64_t most);
uint64_t rules_others_steps(const struct rule *a, const struct rule *b, uint64_t most);
/* Like rules_meet() for one kind of condition. */
bool rules_ports_meet(const struct rule *a, const struct rule *b);
bool rules_remotes_meet(const struct rule *a, const struct rule *b);
/* Do two rules want different things for the same connection? */
bool rules_differ(const struct rule *a, const struct rule *b);

#endif
