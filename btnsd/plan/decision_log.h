/* The action `log`: writes each decision by a rule with `log` to btnsd's log. */
#ifndef BTNS_PLAN_DECISION_LOG_H
#define BTNS_PLAN_DECISION_LOG_H

#include "btnsd/plan/asker.h"

/*
 * Logs a decision if the rule has `log`. where: at connect the peer, at accept the listener's own
 * address.
 */
void decision_log(const struct rule *rule, enum point point, const struct asker *a, pid_t pid,
                  const struct btns_addr *where);

#endif
