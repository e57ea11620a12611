/*
 * Limits the size of one generation, because btnsd answers nobody while it compiles a user's
 * policy.
 */
#include "btnsd/rules/compile/limits.h"

#define NONE SIZE_MAX

static const struct policy_limits host = {"all policies", NONE, NONE, 1u << 18};
/* Within these limits, compiling takes a few milliseconds. */
static const struct policy_limits user = {"a user's policies", 512, 64, 4096};

const struct policy_limits *policy_limits_of(const struct policy_text *text, unsigned files)
{
    bool submitted = false;
    for (unsigned i = 0; i < files; i++)
        submitted |= text[i].source == SOURCE_USER;
    return submitted ? &user : &host;
}
