/* Compiling what a rule does: one action, and what is done besides. */
#include "compile.h"
#include "fields.h"
#include "names.h"
#include "value.h"

#include <stddef.h>

#define MAIN_ACTIONS (ACTION_DISCARD + 1)
/* In the order of policy_actions[], and behind them what goes with any. */
static const char *const words[] = {
    [ACTION_BYPASS] = "bypass",   [ACTION_PREFER] = "prefer", [ACTION_PROTECT] = "protect",
    [ACTION_DISCARD] = "discard", [MAIN_ACTIONS] = "log",     NULL,
};

static int set_one(struct policy_builder *b, const struct policy_record *v,
                   struct policy_unresolved *u)
{
    char quoted[POLICY_QUOTED];
    int i = policy_choose(b, v, words);
    if (i < 0)
        return i;
    if (i == MAIN_ACTIONS) {
        b->open_rule->log = true;
        return 0;
    }
    if (u->action)
        return policy_fault(b->fault, v->line, "action %s and %s at once: keep one",
                            u->action->text, policy_quote(quoted, v->text));
    b->open_rule->action = (enum action)i;
    u->action = v;
    return 0;
}

int policy_set_action(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_unresolved *u = &b->unresolved[b->rules->n - 1];
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = set_one(b, &v[i], u);
    if (!rc && !u->action)
        rc = policy_fault(
            b->fault, v->line,
            "action log alone decides nothing: add bypass, prefer, protect or discard");
    return rc;
}
