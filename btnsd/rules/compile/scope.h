/* May an author of packages speak for a program, for an address? Pure. */
#ifndef BTNS_RULES_SCOPE_H
#define BTNS_RULES_SCOPE_H

#include "btnsd/rules/model/rules.h"

/* Every executable that the pattern matches is surely one that the author may speak for. */
bool scope_has_program(const struct policy_author *a, const char *pattern);
bool scope_has_remotes(const struct policy_author *a, const struct rule *rule);
/* Every path that `inner` matches, `outer` matches; false where that is not plain to see. */
bool scope_pattern_in(const char *inner, const char *outer);

#endif
