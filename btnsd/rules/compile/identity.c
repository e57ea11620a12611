/*
 * Compiles a rule's demand on the peer (identity, permit, ca and id), and checks that its parts fit
 * together.
 */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/files/authority.h"
#include "btnsd/rules/model/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_identity_memory(struct policy_builder *b)
{
    policy_fault(b->fault, 0, "out of memory");
    return -ENOMEM;
}

static int take_permit_value(struct policy_builder *b, const struct policy_record *v,
                             struct permit *p)
{
    char quoted[POLICY_QUOTED];
    p->is_key = btns_key_parse(&p->key, v->text);
    if (p->is_key)
        return 0;
    if (!btns_peer_name_ok(v->text))
        return policy_fault(b->fault, v->line,
                            "permit %s: write the name of a known peer, a key (ed25519:...), or "
                            "any-of-ca",
                            fault_quote(quoted, v->text));
    memcpy(p->name, v->text, strlen(v->text) + 1);
    return 0;
}

int identity_take_permit(struct policy_builder *b, const struct policy_record *v, size_t n,
                         const struct policy_permit **permit)
{
    struct policy_permit *all = policy_arena_get(b->arena, 1, sizeof *all);
    struct permit *list = policy_arena_get(b->arena, n, sizeof *list);
    if (!all || !list)
        return no_identity_memory(b);
    *all = (struct policy_permit){.where = v, .list = list};
    for (size_t i = 0; i < n; i++) {
        int rc = 0;
        if (!strcmp(v[i].text, "any-of-ca"))
            all->any_of_ca = true;
        else
            rc = take_permit_value(b, &v[i], &list[all->n++]);
        if (rc)
            return rc;
    }
    *permit = all;
    return 0;
}

/* ---- identity, ca, id: of a profile or of a rule ---- */

static struct policy_unresolved *open_rule_identity(struct policy_builder *b,
                                                    const struct policy_record *v)
{
    struct policy_unresolved *u = &b->unresolved[b->rules->n - 1];
    if (!u->other)
        u->other = v;
    return u;
}

static int take_identity(struct policy_builder *b, const struct policy_record *v,
                         struct demand *who, bool *identified)
{
    int i = policy_choose(b, v, policy_identities);
    if (i < 0)
        return i;
    who->identity = (enum identity)i;
    *identified = true;
    return 0;
}

static int take_identity_ca(struct policy_builder *b, const struct policy_record *v,
                            struct demand *who)
{
    struct err err = {""};
    char *pem = authority_read(v->text, &err);
    if (!pem)
        return policy_fault(b->fault, v->line, "ca %.220s", err.text);
    who->ca_file = policy_arena_text(b->arena, v->text);
    who->ca_pem = policy_arena_text(b->arena, pem);
    free(pem);
    return who->ca_file && who->ca_pem ? 0 : no_identity_memory(b);
}

static int take_peer_id(struct policy_builder *b, const struct policy_record *v, struct demand *who)
{
    char quoted[POLICY_QUOTED];
    if (id_form(v->text) == ID_BAD)
        return policy_fault(b->fault, v->line,
                            "id %s: write a name like \"bob.example.org\", \"bob@example.org\" or "
                            "\"C=CH, O=Example, CN=bob\", as the certificate has it",
                            fault_quote(quoted, v->text));
    who->id = policy_arena_text(b->arena, v->text);
    return who->id ? 0 : no_identity_memory(b);
}

int identity_set(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return take_identity(b, v, &b->open_profile->plain->who, &b->open_profile->identified);
}

int identity_set_ca(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return take_identity_ca(b, v, &b->open_profile->plain->who);
}

int identity_set_id(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return take_peer_id(b, v, &b->open_profile->plain->who);
}

int identity_set_rule(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_unresolved *u = open_rule_identity(b, v);
    (void)n;
    return take_identity(b, v, &u->who, &u->identified);
}

int identity_set_rule_ca(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return take_identity_ca(b, v, &open_rule_identity(b, v)->who);
}

int identity_set_rule_id(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return take_peer_id(b, v, &open_rule_identity(b, v)->who);
}

const struct policy_record *identity_said_by(const struct policy_unresolved *u)
{
    return u->other ? u->other : u->permit ? u->permit->where : NULL;
}

/* ---- the complete demand ---- */

/*
 * The fields that each identity needs, and the fields that it may not have because they would do
 * nothing.
 */
static const char *find_identity_misfit(const struct demand *who,
                                        const struct policy_permit *permit, enum action action)
{
    bool any_of_ca = permit && permit->any_of_ca, listed = permit && permit->n;
    if (demand_is_strict(who) && action == ACTION_PREFER)
        return "action prefer would go on in the clear when the other end is not the one asked "
               "for: write protect";
    if (who->identity != IDENTITY_CERTIFICATE && (who->ca_file || who->id || any_of_ca))
        return "ca, id and any-of-ca are for identity certificate alone";
    if (who->identity != IDENTITY_NAMED && listed)
        return "names and keys in permit are for identity named alone";
    if (who->identity == IDENTITY_NAMED && !listed)
        return "identity named needs a permit with the names or keys of those who may be the "
               "other end";
    if (who->identity != IDENTITY_CERTIFICATE)
        return NULL;
    if (!who->ca_file)
        return "identity certificate needs a ca: the host's trust store is never used";
    if (!who->id == !any_of_ca)
        return who->id ? "id and permit any-of-ca contradict each other: keep one"
                       : "identity certificate needs an id; to take every certificate of the ca, "
                         "write permit = { any-of-ca }";
    return NULL;
}

/*
 * The rule's own fields replace the profile's; with an identity of its own, no profile field
 * counts.
 */
static struct demand overlay_demand(const struct policy_unresolved *u,
                                    const struct demand *of_profile)
{
    struct demand who = u->identified ? u->who : *of_profile;
    if (u->who.ca_pem) {
        who.ca_file = u->who.ca_file;
        who.ca_pem = u->who.ca_pem;
    }
    if (u->who.id)
        who.id = u->who.id;
    return who;
}

int identity_demand(struct policy_builder *b, const struct policy_unresolved *u,
                    const struct policy_profile *named, struct rule *rule)
{
    char quoted[POLICY_QUOTED];
    const struct policy_permit *permit = u->permit || u->identified ? u->permit : named->permit;
    const struct policy_record *own = identity_said_by(u), *at = u->profile ? u->profile : u->where;
    struct demand who = overlay_demand(u, &rule->profile->who);
    const char *why = find_identity_misfit(&who, permit, rule->action);
    if (own)
        at = own;
    b->fault->file = at->file;
    if (why)
        return policy_fault(b->fault, at->line, "profile %s%s: %s",
                            fault_quote(quoted, rule->profile->name),
                            own ? ", as the rule changes it" : "", why);
    if (!own)
        return 0;
    if (rule->profile->source.keys != KEYS_PRIVATE)
        return policy_fault(
            b->fault, at->line, "profile %s has keys = %s, to which it means nothing: %s",
            fault_quote(quoted, rule->profile->name), keys_name(rule->profile->source.keys),
            policy_schema[own->section].field[own->field].name);
    who.permit = permit ? permit->list : NULL;
    who.permits = permit ? permit->n : 0;
    struct profile *changed = &b->rules->profile[b->rules->profiles++];
    *changed = *rule->profile;
    changed->who = who;
    rule->profile = changed;
    return 0;
}
