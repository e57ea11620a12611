/* The second half of compiling: gives every rule that protects its profile. */
#include "compile.h"

#include <stdio.h>
#include <string.h>

#define BUILT_IN          "default" /* used when no profile is named, and made when not defined */
#define PREFER_TIMEOUT_MS 3000      /* `prefer` has an alternative to waiting */

static struct policy_profile *find_in(const struct policy_builder *b, const char *name,
                                      unsigned scope)
{
    for (size_t i = 0; i < b->profiles; i++) {
        const struct policy_record *where = b->profile[i].where; /* NULL: the built-in one */
        if (!strcmp(b->profile[i].plain->name, name) &&
            (where ? policy_scope(b, where->file) : 0) == scope)
            return &b->profile[i];
    }
    return NULL;
}

/* A package has its own profiles, and of the administrator's the default. */
static struct policy_profile *find(const struct policy_builder *b, const char *name)
{
    struct policy_profile *profile = find_in(b, name, b->scope);
    return profile || strcmp(name, BUILT_IN) ? profile : find_in(b, name, 0);
}

static struct profile *add(struct policy_builder *b, const struct profile *like)
{
    struct profile *p = &b->rules->profile[b->rules->profiles++];
    *p = *like;
    return p;
}

static struct policy_profile *add_built_in(struct policy_builder *b)
{
    struct profile p = {.name = BUILT_IN, .identity = IDENTITY_KNOWN_KEY, .timeout_ms = 10000};
    struct policy_profile *built_in = &b->profile[b->profiles++];
    snprintf(p.suite, sizeof p.suite, "%s", suites[0].name);
    built_in->plain = add(b, &p);
    return built_in;
}

static const struct profile *for_action(struct policy_builder *b, struct policy_profile *profile,
                                        enum action action)
{
    if (action != ACTION_PREFER || profile->timed)
        return profile->plain;
    if (!profile->prefer) {
        struct profile p = *profile->plain;
        p.timeout_ms = PREFER_TIMEOUT_MS;
        profile->prefer = add(b, &p);
    }
    return profile->prefer;
}

static int resolve_rule(struct policy_builder *b, struct rule *rule,
                        const struct policy_record *named)
{
    char quoted[POLICY_QUOTED];
    bool protects = rule->action == ACTION_PROTECT || rule->action == ACTION_PREFER;
    if (named)
        b->fault->file = named->file;
    if (named && !protects)
        return policy_fault(b->fault, named->line, "action %s uses no profile: leave %s out",
                            action_name(rule->action), policy_quote(quoted, named->text));
    if (!protects)
        return 0;
    struct policy_profile *profile = find(b, named ? named->text : BUILT_IN);
    if (!profile && (!named || !strcmp(named->text, BUILT_IN)))
        profile = add_built_in(b);
    if (!profile)
        return policy_fault(b->fault, named->line, "there is no profile %s: define it, in any file",
                            policy_quote(quoted, named->text));
    rule->profile = for_action(b, profile, rule->action);
    return policy_check_rule_keys(b, rule, named ? named->line : rule->line);
}

int policy_resolve(struct policy_builder *b)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < b->profiles; i++)
        rc = policy_check_keys(b, &b->profile[i]);
    for (size_t i = 0; !rc && i < b->rules->n; i++) {
        b->scope = policy_scope(b, b->unresolved[i].where->file);
        b->fault->file = b->unresolved[i].where->file;
        rc = resolve_rule(b, &b->rules->rule[i], b->unresolved[i].profile);
    }
    return rc;
}
