/*
 * Does a rule match a question? Compares each condition by itself, so that explain can name those
 * that fail.
 */
#ifndef BTNS_RULES_MODEL_MATCH_H
#define BTNS_RULES_MODEL_MATCH_H

#include "btnsd/rules/model/rules.h"

/* The conditions that do not hold, as bits (MISS_* of rules.h); 0: the rule matches. */
unsigned match_misses(const struct rule *rule, const struct question *q);
/* Like match_misses() without the program, which all rules of a section have in common. */
unsigned match_other_misses(const struct rule *rule, const struct question *q);
bool match_program(const struct rule *rule, const struct question *q);
/* Is the rule for every program? */
bool match_any_program(const struct rule *rule);
/* The service's port: the remote port of a connect, the local port of an accept. */
uint16_t match_service(const struct question *q);

/*
 * A listener's question is about every peer, and, if it is bound to no address, about every local
 * address.
 */
static inline bool match_every_peer(const struct question *q)
{
    return !q->remote.family;
}
static inline bool match_wherever_called(const struct question *q)
{
    return q->point == POINT_ACCEPT && btns_addr_is_any(&q->local);
}

#endif
