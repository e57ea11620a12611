/*
 * Conflicts (RFC 3838, section 4.2.1): two rules of one author's rank, in different files whose
 * names begin with the same number, that can match the same connection and want different things.
 */
#ifndef BTNS_RULES_CONFLICT_H
#define BTNS_RULES_CONFLICT_H

#include "btnsd/rules/model/rules.h"

struct policy_builder;

/*
 * 0, -ENOMEM, or -EINVAL with a fault that names both rules, or says that looking for some would
 * take too long: what pairs of rules have in common grows with the square of their number, and
 * users submit rules while others wait. The rules are sorted by rank.
 */
int policy_check_conflicts(struct policy_builder *b);

/* The number that a file's name begins with: who wrote it, wrote in which order it comes. -1: none.
 */
long conflict_number(const char *path);
/* Is there a connection that both could match? Never no when there is. */
bool rules_meet(const struct rule *a, const struct rule *b);
/* Two halves of that, and how many steps they take at most; more than `most`: too many. */
bool rules_programs_meet(const struct rule *a, const struct rule *b);
bool rules_others_meet(const struct rule *a, const struct rule *b);
uint64_t rules_programs_steps(const struct rule *a, const struct rule *b, uint64_t most);
uint64_t rules_others_steps(const struct rule *a, const struct rule *b, uint64_t most);
/* The same for one condition alone. */
bool rules_ports_meet(const struct rule *a, const struct rule *b);
bool rules_remotes_meet(const struct rule *a, const struct rule *b);
/* Do they want different things of one? */
bool rules_differ(const struct rule *a, const struct rule *b);

#endif
