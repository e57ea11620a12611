/* Gives every rule that protects its profile, after all records have been read. */
#include "btnsd/rules/compile/compile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PREFER_TIMEOUT_MS 3000 /* `prefer` has an alternative to waiting */

static struct profile *add_resolved_profile(struct policy_builder *b, const struct profile *like)
{
    struct profile *p = &b->rules->profile[b->rules->profiles++];
    *p = *like;
    return p;
}

static struct policy_profile *add_built_in_profile(struct policy_builder *b)
{
    struct profile p = {
        .name = POLICY_DEFAULT, .who = {.identity = IDENTITY_KNOWN_KEY}, .timeout_ms = 10000};
    struct policy_profile *built_in = &b->profile[b->profiles++];
    snprintf(p.suite, sizeof p.suite, "%s", suites[0].name);
    built_in->plain = add_resolved_profile(b, &p);
    return built_in;
}

static const struct profile *profile_for_action(struct policy_builder *b,
                                                struct policy_profile *profile, enum action action)
{
    if (action != ACTION_PREFER || profile->timed)
        return profile->plain;
    if (!profile->prefer) {
        struct profile p = *profile->plain;
        p.timeout_ms = PREFER_TIMEOUT_MS;
        profile->prefer = add_resolved_profile(b, &p);
    }
    return profile->prefer;
}

static int no_such_profile(struct policy_builder *b, const struct policy_unresolved *u)
{
    return policy_fault(b->fault, u->require->line,
                        "no profile has all that the rule requires: define one, in any file");
}

/* The profile with the required properties: the first one defined, or else the default. */
static struct policy_profile *resolve_profile(struct policy_builder *b,
                                              const struct policy_unresolved *u)
{
    struct policy_profile *profile = services_find_required(b, u);
    if (!profile && !services_find_profile(b, POLICY_DEFAULT))
        add_built_in_profile(b);
    return profile ? profile : services_find_profile(b, POLICY_DEFAULT);
}

static int resolve_rule(struct policy_builder *b, struct rule *rule,
                        const struct policy_unresolved *u)
{
    const struct policy_record *named = u->profile;
    char quoted[POLICY_QUOTED];
    bool protects = rule->action == ACTION_PROTECT || rule->action == ACTION_PREFER;
    if (named)
        b->fault->file = named->file;
    if (named && !protects)
        return policy_fault(b->fault, named->line, "action %s uses no profile: leave %s out",
                            action_name(rule->action), fault_quote(quoted, named->text));
    if (u->require && !protects)
        return policy_fault(b->fault, u->require->line,
                            "action %s uses no profile: leave require out",
                            action_name(rule->action));
    const struct policy_record *who = identity_said_by(u);
    if (!protects && who)
        return policy_fault(b->fault, who->line, "action %s asks for nobody: leave %s out",
                            action_name(rule->action),
                            policy_schema[who->section].field[who->field].name);
    if (!protects)
        return 0;
    struct policy_profile *profile = !named && u->require ? resolve_profile(b, u) : NULL;
    if (!profile)
        profile = services_find_profile(b, named ? named->text : POLICY_DEFAULT);
    if (!profile && (!named || !strcmp(named->text, POLICY_DEFAULT)))
        profile = add_built_in_profile(b);
    if (!profile)
        return policy_fault(b->fault, named->line, "there is no profile %s: define it, in any file",
                            fault_quote(quoted, named->text));
    rule->profile = profile_for_action(b, profile, rule->action);
    int rc = identity_demand(b, u, profile, rule);
    if (rc)
        return rc;
    if (u->require && !named && services_check_required(b, u, rule->profile))
        return no_such_profile(b, u);
    if (services_check_required(b, u, rule->profile))
        return -EINVAL;
    if (rule->profile->beet)
        rc = policy_only_inner(b, rule, named ? named->line : rule->line);
    if (rc)
        return rc;
    return keys_check_rule(b, rule, named ? named->line : rule->line);
}

/*
 * Gives the profiles their permits. A profile's permit is known only when the whole profile has
 * been read.
 */
static void resolve_profile_permits(struct policy_builder *b)
{
    for (size_t i = 0; i < b->profiles; i++) {
        const struct policy_permit *permit = b->profile[i].permit;
        b->profile[i].plain->who.permit = permit ? permit->list : NULL;
        b->profile[i].plain->who.permits = permit ? permit->n : 0;
    }
}

int policy_resolve(struct policy_builder *b)
{
    int rc = 0;
    resolve_profile_permits(b);
    for (size_t i = 0; !rc && i < b->profiles && !b->mandatory_alone; i++)
        rc = keys_check(b, &b->profile[i]);
    for (size_t i = 0; !rc && i < b->rules->n; i++) {
        b->scope = package_scope(b, b->unresolved[i].where->file);
        b->fault->file = b->unresolved[i].where->file;
        rc = resolve_rule(b, &b->rules->rule[i], &b->unresolved[i]);
        if (!rc)
            rc = parameters_of_rule(b, &b->rules->rule[i], &b->unresolved[i]);
        if (!rc)
            rc = action_check_chained(b, &b->rules->rule[i], &b->unresolved[i]);
        if (rc && rc != -ENOMEM && b->mandatory_alone)
            rc = unresolved_profile_closes(&b->rules->rule[i]);
    }
    return rc;
}
