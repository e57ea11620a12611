/* May an author of packages write rules about a program, or about an address? */
#ifndef BTNS_RULES_COMPILE_SCOPE_H
#define BTNS_RULES_COMPILE_SCOPE_H

#include "btnsd/rules/model/rules.h"

/* Is every executable that the pattern matches surely in the author's scope? */
bool scope_has_program(const struct policy_author *a, const char *pattern);
bool scope_has_remotes(const struct policy_author *a, const struct rule *rule);
/* Does `outer` match every path that `inner` matches? False when that is hard to say. */
bool scope_pattern_in(const char *inner, const char *outer);

#endif
