/*
 * Checks the identities that a rule accepts, and finds rules that ask for one service in two ways.
 */
#include "btnsd/ctl/lint/lint.h"
#include "btnsd/rules/compile/conflict.h"

#include <string.h>

static const char *const write_known = "use a profile with identity = known-key";

static bool identity_is_any_key(const struct rule *r)
{
    return r->action == ACTION_PROTECT && r->profile->who.identity == IDENTITY_ANY_KEY;
}

/* Is the rule for a program that becomes the user who logs in (useipsec, section 8 e)? */
static bool is_identity_of_login(const struct rule *r)
{
    static const char *const names[] = {"sshd",    "sshd-session", "login", "in.telnetd",
                                        "telnetd", "rlogind",      "rshd",  "vsftpd",
                                        "proftpd", "dropbear",     NULL};
    for (size_t i = 0; i < r->matches; i++) {
        const char *base = strrchr(r->match[i], '/');
        for (size_t k = 0; base && names[k]; k++)
            if (!strcmp(base + 1, names[k]))
                return true;
    }
    return false;
}

void lint_identity_any_key_out(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (identity_is_any_key(r) && r->at_connect)
        finding_say(
            l, check, i, finding_profile_node(l, i), write_known,
            "profile \"%s\" accepts any key, each time anew: an attacker on the path can pose "
            "as the peer",
            r->profile->name);
}

void lint_identity_any_key_in(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (identity_is_any_key(r) && r->at_accept && !r->remotes && !is_identity_of_login(r))
        finding_say(l, check, i, finding_profile_node(l, i),
                    "name the remote addresses, or use known-key",
                    "profile \"%s\" accepts any key from every address: any host that runs btnsd "
                    "may connect",
                    r->profile->name);
}

void lint_identity_login_any_key(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (identity_is_any_key(r) && r->at_accept && is_identity_of_login(r))
        finding_say(
            l, check, i, finding_profile_node(l, i), write_known,
            "a login server changes to the user who logs in, and profile \"%s\" does not even "
            "tell one host from another",
            r->profile->name);
}

/* charon repeats a lost message after 1 s, and again after 1.5 s more. */
#define PATIENCE_MS 3000

void lint_identity_impatient(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    const struct policy_node *own = finding_value_node(l, i, "timeout", 0);
    if (r->action == ACTION_PROTECT && r->profile->timeout_ms < PATIENCE_MS)
        finding_say(l, check, i, own->field == NODE_SECTION ? finding_profile_node(l, i) : own,
                    "give it a timeout of 3 or more",
                    "profile \"%s\" waits %u s: one lost packet of the key exchange can make a "
                    "connection fail",
                    r->profile->name, r->profile->timeout_ms / 1000);
}

/*
 * Can both rules decide about a connect() to the same service? Rules without ports do not count: a
 * later rule for all ports is meant for the rest.
 */
static bool identity_services_meet(const struct rule *a, const struct rule *b)
{
    return a->at_connect && b->at_connect && a->profile && b->profile && a->ports && b->ports &&
           rules_ports_meet(a, b) && rules_remotes_meet(a, b);
}

void lint_identity_two_suites(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; k < i; k++) {
        const struct rule *o = &l->rules->rule[k];
        if (!identity_services_meet(r, o) || !strcmp(r->profile->suite, o->profile->suite))
            continue;
        finding_say(
            l, check, i, finding_profile_node(l, i), "use one profile for the service",
            "%s here, %s in rule \"%s\" (%s:%u): to a host both reach, the second latch can be "
            "refused",
            r->profile->suite, o->profile->suite, o->name, o->file, o->line);
        return;
    }
}

void lint_identity_two(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; k < i; k++) {
        const struct rule *o = &l->rules->rule[k];
        if (!identity_services_meet(r, o) || r->profile->who.identity == o->profile->who.identity)
            continue;
        finding_say(
            l, check, i, finding_profile_node(l, i), "use one profile for the service",
            "%s here, %s in rule \"%s\" (%s:%u): the weaker one accepts peers that the other "
            "refuses",
            identity_name(r->profile->who.identity), identity_name(o->profile->who.identity),
            o->name, o->file, o->line);
        return;
    }
}
