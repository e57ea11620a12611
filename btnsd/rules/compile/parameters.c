/* Compiles time limits: how long a connect() waits for protection, and how long a key is used. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIFETIME_LEAST 60
#define LIFETIME_MOST  86400

static int take_timeout_parameter(struct policy_builder *b, const struct policy_record *v,
                                  unsigned *ms)
{
    char quoted[POLICY_QUOTED];
    unsigned seconds;
    if (!value_number(v->text, &seconds) || seconds < 1 || seconds > 60)
        return policy_fault(b->fault, v->line, "timeout %s: write whole seconds from 1 to 60",
                            fault_quote(quoted, v->text));
    *ms = seconds * 1000;
    return 0;
}

int parameter_set_timeout(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    b->open_profile->timed = true;
    return take_timeout_parameter(b, v, &b->open_profile->plain->timeout_ms);
}

int parameter_set_rule_timeout(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_unresolved *u = &b->unresolved[b->rules->n - 1];
    (void)n;
    u->timeout = v;
    return take_timeout_parameter(b, v, &u->timeout_ms);
}

/* "90s", "30m", "8h": a number needs a unit, because readers would assume different ones. */
static bool parse_parameter_duration(const char *text, unsigned *seconds)
{
    static const struct {
        char letter;
        unsigned seconds;
    } unit[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
    char number[16];
    size_t n = strlen(text);
    if (n < 2 || n > sizeof number)
        return false;
    memcpy(number, text, n - 1);
    number[n - 1] = '\0';
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++)
        if (text[n - 1] == unit[i].letter && value_number(number, seconds))
            return !__builtin_mul_overflow(*seconds, unit[i].seconds, seconds);
    return false;
}

int parameter_set_lifetime(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    char quoted[POLICY_QUOTED];
    unsigned seconds;
    (void)n;
    if (!parse_parameter_duration(v->text, &seconds) || seconds < LIFETIME_LEAST ||
        seconds > LIFETIME_MOST)
        return policy_fault(b->fault, v->line,
                            "lifetime %s: write 60s to 86400s, 1m to 1440m, or 1h to 24h",
                            fault_quote(quoted, v->text));
    b->open_profile->plain->source.lifetime = seconds;
    return 0;
}

/* Gives the rule a copy of its profile, since other rules use the profile, too. */
int parameters_of_rule(struct policy_builder *b, struct rule *rule,
                       const struct policy_unresolved *u)
{
    if (!u->timeout)
        return 0;
    b->fault->file = u->timeout->file;
    if (!rule->profile)
        return policy_fault(b->fault, u->timeout->line,
                            "action %s waits for nothing: leave timeout out",
                            action_name(rule->action));
    if (!rule->at_connect)
        return policy_fault(b->fault, u->timeout->line,
                            "nothing waits at accept: leave timeout out");
    struct profile *own = policy_arena_get(b->arena, 1, sizeof *own);
    if (!own)
        return policy_no_memory(b);
    *own = *rule->profile;
    own->timeout_ms = u->timeout_ms;
    rule->profile = own;
    return 0;
}
