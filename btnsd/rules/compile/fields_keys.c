/* Compiles a profile's fields about its key manager, and checks that they fit together. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/model/names.h"

#include "btnsd/xfrm/reqid_range.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct key_source *profile_key_source(struct policy_builder *b)
{
    return &b->open_profile->plain->source;
}

int keys_set(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    int i = policy_choose(b, v, policy_keys);
    if (i < 0)
        return i;
    profile_key_source(b)->keys = (enum keys)i;
    return 0;
}

static int set_key_text(struct policy_builder *b, const struct policy_record *v, char *to,
                        size_t size)
{
    char quoted[POLICY_QUOTED];
    if (!v->text[0] || strlen(v->text) >= size)
        return policy_fault(b->fault, v->line, "%s %s: write 1 to %zu characters",
                            policy_schema[v->section].field[v->field].name,
                            fault_quote(quoted, v->text), size - 1);
    snprintf(to, size, "%s", v->text);
    return 0;
}

int keys_set_connection(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return set_key_text(b, v, profile_key_source(b)->connection,
                        sizeof profile_key_source(b)->connection);
}

int keys_set_child(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return set_key_text(b, v, profile_key_source(b)->child, sizeof profile_key_source(b)->child);
}

int keys_set_peer(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    (void)n;
    return set_key_text(b, v, profile_key_source(b)->peer, sizeof profile_key_source(b)->peer);
}

/* 0 is the kernel's wildcard: a template with it accepts any SA. */
int keys_set_reqid(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    char quoted[POLICY_QUOTED];
    unsigned reqid;
    (void)n;
    if (!value_number(v->text, &reqid) || !reqid || reqid_is_ours(reqid))
        return policy_fault(b->fault, v->line,
                            "reqid %s: write a number from 1, but not from %u to %u, which are "
                            "btnsd's own",
                            fault_quote(quoted, v->text), REQID_FIRST, REQID_LAST);
    profile_key_source(b)->reqid = reqid;
    return 0;
}

int keys_set_accept_no_replay(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    static const char *const words[] = {"no", "yes", NULL};
    (void)n;
    int i = policy_choose(b, v, words);
    if (i < 0)
        return i;
    profile_key_source(b)->accept_no_replay = i == 1;
    return 0;
}

/* The fields that each key manager must have, may have, or may not have. */
enum need { NEVER, MAY, MUST };
static const struct {
    enum need connection, child, reqid, peer, accept_no_replay, identity, lifetime;
} needs[] = {
    [KEYS_PRIVATE] = {NEVER, NEVER, NEVER, NEVER, NEVER, MAY, MAY},
    [KEYS_SYSTEM] = {MUST, MAY, NEVER, MAY, NEVER, NEVER, NEVER},
    [KEYS_MANUAL] = {NEVER, NEVER, MUST, MUST, MAY, NEVER, NEVER},
};

int keys_check(struct policy_builder *b, const struct policy_profile *p)
{
    struct key_source *s = &p->plain->source;
    const struct {
        const char *name;
        bool there;
        enum need need;
    } fields[] = {
        {"connection", s->connection[0], needs[s->keys].connection},
        {"child", s->child[0], needs[s->keys].child},
        {"reqid", s->reqid, needs[s->keys].reqid},
        {"peer", s->peer[0], needs[s->keys].peer},
        {"accept-no-replay", s->accept_no_replay, needs[s->keys].accept_no_replay},
        {"identity", p->identified, needs[s->keys].identity},
        {"lifetime", s->lifetime, needs[s->keys].lifetime},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        bool missing = fields[i].need == MUST && !fields[i].there;
        if (!missing && !(fields[i].need == NEVER && fields[i].there))
            continue;
        b->fault->file = p->where->file;
        return policy_fault(b->fault, p->where->line, "profile \"%s\" has keys = %s, %s %s",
                            p->plain->name, keys_name(s->keys),
                            missing ? "which needs" : "to which it means nothing:", fields[i].name);
    }
    if (s->keys == KEYS_SYSTEM && !s->child[0])
        memcpy(s->child, s->connection, sizeof s->child);
    return 0;
}

/* Only the administrator may use SAs of other key managers, and names for their peers. */
int keys_check_rule(struct policy_builder *b, const struct rule *rule, unsigned line)
{
    const struct profile *p = rule->profile;
    if (p->source.keys == KEYS_PRIVATE)
        return 0;
    if (rule->rank == RANK_PACKAGE)
        return policy_fault(b->fault, line, "profile \"%s\": keys = %s is not for packages",
                            p->name, keys_name(p->source.keys));
    if (rule->at_accept && rule->action == ACTION_PREFER)
        return policy_fault(b->fault, line,
                            "the keys of profile \"%s\" are %s, without which nobody may come in: "
                            "write at = { connect }, or action = protect",
                            p->name, keys_name(p->source.keys));
    return 0;
}
