/* The action `log`: every decision by a rule that has it is a line of the log.
 * But for users' own rules, by which anybody could fill it.
 */
#include "btnsd/plan/decision_log.h"

#include "btnsd/base/log.h"
#include "btnsd/rules/read/fault.h"

void decision_log(const struct rule *rule, enum point point, const struct asker *a, pid_t pid,
                  const struct btns_addr *where)
{
    char address[BTNS_ADDR_STR], program[256], actions[RULE_ACTIONS];
    if (!rule || !rule->log || rule->rank == RANK_USER)
        return;
    snprintf(program, sizeof program, "%s", a->program); /* whoever named it */
    policy_printable(program);
    log_note("decided: %s (pid %d, user %u) %s %s: %s, by rule \"%s\" (%s:%u)", program, (int)pid,
             a->uid, point_name(point), btns_addr_str(where, address), rule_actions(rule, actions),
             rule->name, rule->file, rule->line);
}
