/*
 * The action `log`: writes each decision by a rule with `log` to btnsd's log. Users' own rules are
 * left out, because any user could fill the log with them.
 */
#include "btnsd/plan/decision_log.h"

#include "btnsd/base/log.h"
#include "btnsd/plan/connect_plan.h"
#include "btnsd/rules/read/fault.h"

#include <stdio.h>
#include <syslog.h>

void decision_log(const struct rule *rule, enum point point, const struct asker *a, pid_t pid,
                  const struct btns_addr *where)
{
    char address[BTNS_ADDR_STR], program[256], actions[RULE_ACTIONS], text[1024], named[512];
    if (!rule || !rule->log || rule->rank == RANK_USER)
        return;
    snprintf(program, sizeof program, "%s", a->program); /* may be a name that the client sent */
    fault_printable(program);
    snprintf(text, sizeof text, "decided: %s (pid %d, user %u) %s %s: %s, by rule \"%s\" (%s:%u)",
             program, (int)pid, a->uid, point_name(point), btns_addr_str(where, address),
             rule_actions(rule, actions), rule->name, rule->file, rule->line);
    plan_rule_text(rule, named, sizeof named);
    const struct journal_field fields[] = {{"BTNS_RULE", named}, {"BTNS_PROGRAM", program}};
    log_fields(LOG_NOTICE, text, fields, sizeof fields / sizeof *fields);
}
