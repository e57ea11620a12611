/* Does a rule match a question? Its conditions one by one: what is enforced and what is explained.
 */
#ifndef BTNS_RULES_MATCH_H
#define BTNS_RULES_MATCH_H

#include "btnsd/rules/model/rules.h"

/* The conditions that do not hold, MISS_* of rules.h together; 0: the rule matches. */
unsigned match_misses(const struct rule *rule, const struct question *q);
/* All but the program: that is the same for all rules of a section, however many patterns it has.
 */
unsigned match_other_misses(const struct rule *rule, const struct question *q);
bool match_program(const struct rule *rule, const struct question *q);
/* Is the rule for every program? */
bool match_any_program(const struct rule *rule);
bool match_cgroup(const struct rule *rule, const struct question *q);
/* The service's port: where it goes to, or where it was accepted. */
uint16_t match_service(const struct question *q);

/* A listener's question is about whoever calls, and about every address it can be called at. */
static inline bool match_whoever_calls(const struct question *q)
{
    return !q->remote.family;
}
static inline bool match_wherever_called(const struct question *q)
{
    return q->point == POINT_ACCEPT && btns_addr_is_any(&q->local);
}

#endif
