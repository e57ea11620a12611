/* Does a rule match a question? Its conditions one by one: what is enforced and what is explained.
 */
#ifndef BTNS_RULES_MATCH_H
#define BTNS_RULES_MATCH_H

#include "rules.h"

/* The conditions that do not hold, MISS_* of rules.h together; 0: the rule matches. */
unsigned match_misses(const struct rule *rule, const struct question *q);
bool match_program(const struct rule *rule, const struct question *q);
/* The service's port: where it goes to, or where it was accepted. */
uint16_t match_service(const struct question *q);

#endif
