/* The action `log`: each decision by a rule with `log` is written to btnsd's log. Users' own rules
 * are left out, as any user could fill the log by them. */
#include "btnsd/plan/decision_log.h"

#include "btnsd/base/log.h"
#include "btnsd/rules/read/fault.h"

void decision_log(const struct rule *rule, enum point point, const struct asker *a, pid_t pid,
                  const struct btns_addr *where)
{
    char address[BTNS_ADDR_STR], program[256], actions[RULE_ACTIONS];
    if (!rule || !rule->log || rule->rank == RANK_USER)
        return;
    snprintf(program, sizeof program, "%s", a->program); /* may be a name that the client sent */
    policy_printable(program);
    log_note("decided: %s (pid %d, user %u) %s %s: %s, by rule \"%s\" (%s:%u)", program, (int)pid,
             a->uid, point_name(point), btns_addr_str(where, address), rule_actions(rule, actions),
             rule->name, rule->file, rule->line);
}
