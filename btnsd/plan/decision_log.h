/* The action `log`: every decision by a rule that has it is a line of the log. */
#ifndef BTNS_DECISION_LOG_H
#define BTNS_DECISION_LOG_H

#include "btnsd/plan/asker.h"

/* `where`: the other end at connect, its own end at accept. Nothing where the rule does not log. */
void decision_log(const struct rule *rule, enum point point, const struct asker *a, pid_t pid,
                  const struct btns_addr *where);

#endif
