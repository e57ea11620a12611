/* Compiles a rule's actions: one action, and the words chained with it. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/files/sign_key.h"
#include "btnsd/rules/model/names.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>

#define MAIN_ACTIONS (ACTION_DISCARD + 1)
enum { CHAIN_LOG = MAIN_ACTIONS, CHAIN_SIGN, CHAIN_RANDOM_PORT, CHAIN_NO_DOWNGRADE };

/* In the order of enum action; after these, words that may be chained with any action. */
static const char *const words[] = {
    [ACTION_BYPASS] = "bypass",
    [ACTION_PREFER] = "prefer",
    [ACTION_PROTECT] = "protect",
    [ACTION_DISCARD] = "discard",
    [CHAIN_LOG] = "log",
    [CHAIN_SIGN] = "sign",
    [CHAIN_RANDOM_PORT] = "random-port",
    [CHAIN_NO_DOWNGRADE] = "no-downgrade",
    NULL,
};

static int add_action_to_chain(struct policy_builder *b, const struct policy_record *v,
                               const struct policy_record **said)
{
    if (*said)
        return policy_fault(b->fault, v->line, "action %s twice: keep one", v->text);
    *said = v;
    return 0;
}

/* Only the administrator may give a rule a shared secret, and must keep it from users. */
static int add_sign_action(struct policy_builder *b, const struct policy_record *v,
                           struct policy_unresolved *u)
{
    enum policy_source source = b->text[v->file].source;
    if (source != SOURCE_ADMIN)
        return policy_fault(b->fault, v->line, "action sign is not for %s", rank_whose(source));
    return add_action_to_chain(b, v, &u->sign);
}

static int set_main_action(struct policy_builder *b, const struct policy_record *v,
                           enum action action, struct policy_unresolved *u)
{
    char quoted[POLICY_QUOTED];
    if (u->action)
        return policy_fault(b->fault, v->line, "actions %s and %s exclude each other: keep one",
                            u->action->text, fault_quote(quoted, v->text));
    b->open_rule->action = action;
    u->action = v;
    return 0;
}

static int set_action_word(struct policy_builder *b, const struct policy_record *v,
                           struct policy_unresolved *u)
{
    int i = policy_choose(b, v, words);
    switch (i) {
    case CHAIN_LOG:
        b->open_rule->log = true;
        return 0;
    case CHAIN_SIGN:
        return add_sign_action(b, v, u);
    case CHAIN_RANDOM_PORT:
        b->open_rule->random_port = true;
        return add_action_to_chain(b, v, &u->random_port);
    case CHAIN_NO_DOWNGRADE:
        b->open_rule->no_downgrade = true;
        return add_action_to_chain(b, v, &u->no_downgrade);
    default:
        return i < 0 ? i : set_main_action(b, v, (enum action)i, u);
    }
}

int action_set(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_unresolved *u = &b->unresolved[b->rules->n - 1];
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = set_action_word(b, &v[i], u);
    if (rc)
        return rc;
    const struct policy_record *chained = u->sign ? u->sign : u->random_port;
    if (chained && u->action && b->open_rule->action == ACTION_DISCARD)
        return policy_fault(b->fault, chained->line,
                            "action discard lets nothing through: leave %s out", chained->text);
    if (u->no_downgrade && (!u->action || b->open_rule->action != ACTION_PREFER))
        return policy_fault(b->fault, u->no_downgrade->line,
                            "action no-downgrade goes with prefer alone: it is for what may go in "
                            "the clear to peers that are not known");
    if (!u->action && !chained)
        return policy_fault(
            b->fault, v->line,
            "action log alone decides nothing: add bypass, prefer, protect or discard");
    if (!u->action)
        u->action = chained; /* nothing but the chained action happens to the connection */
    return 0;
}

int action_set_sign_key(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    b->unresolved[b->rules->n - 1].sign_key = v;
    return 0;
}

int action_set_auth(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_unresolved *u = &b->unresolved[b->rules->n - 1];
    int i = policy_choose(b, v, policy_sign_auths);
    (void)n;
    u->auth = v;
    if (i >= 0)
        u->how = (enum sign_auth)i;
    return i < 0 ? i : 0;
}

/* Reads the key file at the end of the rule, as what the file must contain depends on auth. */
static int read_action_sign_key(struct policy_builder *b, struct rule *rule,
                                const struct policy_unresolved *u)
{
    struct err err = {""};
    rule->sign = sign_key_read(&b->rules->sign_keys, b->arena, u->sign_key->text, u->how, &err);
    return rule->sign ? 0 : policy_fault(b->fault, u->sign_key->line, "sign-key %.220s", err.text);
}

static int check_sign_action(struct policy_builder *b, struct rule *rule,
                             const struct policy_unresolved *u)
{
    bool everybody = !rule->remotes;
    for (size_t i = 0; i < rule->remotes; i++)
        everybody |= !rule->remote[i].bits;
    if (!u->sign_key)
        return policy_fault(b->fault, u->sign->line,
                            "action sign needs a key: write sign-key = \"FILE\"");
    if (everybody)
        return policy_fault(b->fault, u->sign->line,
                            "action sign needs a remote: a key is for peers that are named, not "
                            "for everybody");
    return read_action_sign_key(b, rule, u);
}

int action_check_chained(struct policy_builder *b, struct rule *rule,
                         const struct policy_unresolved *u)
{
    const struct policy_record *chained = u->sign ? u->sign : u->random_port;
    b->fault->file = u->where->file;
    if (u->sign_key && !u->sign)
        return policy_fault(b->fault, u->sign_key->line,
                            "sign-key is for action sign alone: leave it out, or add sign");
    if (u->auth && !u->sign)
        return policy_fault(b->fault, u->auth->line,
                            "auth is for action sign alone: leave it out, or add sign");
    if (!chained)
        return 0;
    if (rule->rank == RANK_MANDATORY && rule->action != ACTION_PROTECT)
        return policy_fault(b->fault, chained->line,
                            "action %s in a mandatory rule goes with protect alone: the kernel can "
                            "hold no program to it that has no shim",
                            chained->text);
    if (chained && rule->protocols != rule_protocol_bit(IPPROTO_TCP))
        return policy_fault(b->fault, chained->line,
                            "sign and random-port are about connections of TCP: write protocol = "
                            "tcp");
    if (u->random_port && rule->at_accept)
        return policy_fault(b->fault, u->random_port->line,
                            "action random-port is for who connects: add at = connect");
    return u->sign ? check_sign_action(b, rule, u) : 0;
}
