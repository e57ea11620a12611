/*
 * Compares what two rules demand: which of them asks for more (a partial order), and whether keys
 * are the same.
 */
#ifndef BTNS_RULES_MODEL_STRENGTH_H
#define BTNS_RULES_MODEL_STRENGTH_H

#include "btnsd/rules/model/rules.h"

/* Does rule a ask for at least as much as b in every respect: action, identity, keys? */
bool rule_at_least(const struct rule *a, const struct rule *b);
bool sign_key_same(const struct sign_key *a, const struct sign_key *b);

#endif
