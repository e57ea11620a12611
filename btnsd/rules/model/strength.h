/* Which of two rules asks for more, in a partial order; and which keys are the same. */
#ifndef BTNS_RULES_MODEL_STRENGTH_H
#define BTNS_RULES_MODEL_STRENGTH_H

#include "btnsd/rules/model/rules.h"

/* Rule a asks for at least as much as b in every respect: action, identity, keys. */
bool rule_at_least(const struct rule *a, const struct rule *b);
bool sign_key_same(const struct sign_key *a, const struct sign_key *b);

#endif
