/*
 * Limits the size of one generation, because btnsd answers nobody while it compiles a user's
 * policy.
 */
#ifndef BTNS_RULES_COMPILE_LIMITS_H
#define BTNS_RULES_COMPILE_LIMITS_H

#include "btnsd/rules/read/read.h"
#include "btnsd/rules/read/scan.h"

struct policy_limits {
    const char *whose;
    size_t rules, profiles;
    size_t expanded; /* values that come from groups */
};

const struct policy_limits *policy_limits_of(const struct policy_text *text, unsigned files);

#endif
