/*
 * Makes rules with a name that cannot be resolved fail closed, each by itself, because the
 * addresses or users that the name excludes are not known. Such a rule that protects or discards
 * now discards everything that the name could stand for; a rule that lets traffic pass now lets
 * nothing pass.
 */
#include "btnsd/rules/compile/compile.h"

#include <errno.h>
#include <stdio.h>

int unresolved_note(struct policy_builder *b, const struct lookup *l, unsigned condition)
{
    char text[LOOKUP_NAME_MAX + 80];
    struct rule *rule = b->open_rule;
    if (!rule) /* a named group's value, which counts where a rule uses it */
        return 0;
    rule->unresolved_in |= condition;
    if (rule->unresolved)
        return 0;
    snprintf(text, sizeof text, "%s: %.70s", l->name, lookup_why(l));
    rule->unresolved = policy_arena_text(b->arena, text);
    return rule->unresolved ? 0 : -ENOMEM;
}

/* Keeps only the other values of the condition, of which there may be none. */
static void let_nothing_through(struct rule *rule)
{
    unsigned in = rule->unresolved_in;
    if ((in & UNRESOLVED_REMOTE && !rule->remotes) || (in & UNRESOLVED_LOCAL && !rule->locals) ||
        (in & UNRESOLVED_USER && !rule->users) || (in & UNRESOLVED_GROUP && !rule->groups))
        rule->at_connect = rule->at_accept = false;
}

static void let_nothing_past(struct rule *rule)
{
    unsigned in = rule->unresolved_in;
    rule->action = ACTION_DISCARD;
    rule->profile = NULL;
    rule->sign = NULL;
    rule->random_port = false;
    rule->no_downgrade = false;
    rule->remotes = in & UNRESOLVED_REMOTE ? 0 : rule->remotes;
    rule->locals = in & UNRESOLVED_LOCAL ? 0 : rule->locals;
    rule->users = in & UNRESOLVED_USER ? 0 : rule->users;
    rule->groups = in & UNRESOLVED_GROUP ? 0 : rule->groups;
}

int unresolved_profile_closes(struct rule *rule)
{
    rule->unresolved = "its profile is missing or wrong";
    return 0; /* unresolved_fail_closed() does the rest */
}

void unresolved_fail_closed(struct rules *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct rule *rule = &r->rule[i];
        if (rule->unresolved && (rule->action == ACTION_BYPASS || rule->action == ACTION_PREFER))
            let_nothing_through(rule);
        else if (rule->unresolved)
            let_nothing_past(rule);
    }
}
