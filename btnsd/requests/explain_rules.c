/*
 * btnsctl explain: lists the rules that could decide, and says of each other rule why it does not.
 */
#include "btnsd/requests/answer.h"
#include "btnsd/requests/explain.h"
#include "btnsd/state/view_for.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static void put_explained_field(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text);
}

static void describe_explained_rule(const struct candidate *c, const struct question *q,
                                    struct btns_candidate_msg *m)
{
    char why[CANDIDATE_WHY], actions[RULE_ACTIONS];
    const struct rule *rule = c->rule;
    m->wins = candidate_wins(c);
    m->misses = c->misses;
    m->line = rule->line;
    put_explained_field(m->rule, sizeof m->rule, rule->name);
    put_explained_field(m->program, sizeof m->program, rule->program);
    put_explained_field(m->file, sizeof m->file, rule->file);
    if (rule->rank == RANK_USER)
        snprintf(m->author, sizeof m->author, "%s %u", rule->author, q->uid);
    else
        put_explained_field(m->author, sizeof m->author, rule->author);
    put_explained_field(m->rank, sizeof m->rank, rank_name(rule->rank));
    put_explained_field(m->action, sizeof m->action, rule_actions(rule, actions));
    put_explained_field(m->why, sizeof m->why, candidate_why(c, q, why));
    if (!rule->profile)
        return;
    m->timeout_ms = rule->profile->timeout_ms;
    m->lifetime = rule->profile->source.lifetime;
    put_explained_field(m->vendor, sizeof m->vendor,
                        rule->profile->vendor ? rule->profile->vendor : "");
    put_explained_field(m->description, sizeof m->description,
                        rule->profile->description ? rule->profile->description : "");
    put_explained_field(m->profile, sizeof m->profile, rule->profile->name);
    put_explained_field(m->mode, sizeof m->mode, profile_mode(rule->profile));
    put_explained_field(m->suite, sizeof m->suite, rule->profile->suite);
    put_explained_field(m->identity, sizeof m->identity,
                        identity_name(rule->profile->who.identity));
}

struct telling {
    const struct request *r;
    const struct question *q; /* about a process of the user */
    size_t total, told;
};

/* Sends a rule. Rules for this program are sent first: they matter most if not all fit. */
static void tell_explained_rule(struct telling *t, const struct candidate *c, bool of_others)
{
    for (size_t i = 0; i < t->total && t->told < BTNS_CANDIDATES_MAX; i++) {
        struct btns_candidate_msg m = {
            .hdr = {BTNS_WIRE_VERSION, BTNS_REP_CANDIDATE, t->r->hdr->id},
            .total = (uint32_t)t->total,
        };
        if (!!(c[i].misses & MISS_PROGRAM) != of_others)
            continue;
        describe_explained_rule(&c[i], t->q, &m);
        client_send(t->r->client, &m, sizeof m, -1);
        t->told++;
    }
}

static int send_explained_rules(const struct request *r, const struct view *v,
                                const struct question *q)
{
    size_t most = v->host->n + (v->own ? v->own->n : 0);
    struct candidate *c = calloc(most + 1, sizeof *c);
    if (!c)
        return -ENOMEM;
    struct telling t = {.r = r, .q = q};
    t.total = view_candidates(v, q, c, most);
    tell_explained_rule(&t, c, false);
    tell_explained_rule(&t, c, true);
    free(c);
    return 0;
}

static bool is_question_address(const struct btns_addr *a)
{
    return a->family == AF_INET || a->family == AF_INET6;
}

/* Ends the list with the verdict that explain gives without the list. */
static bool end_explain_with_verdict(struct btnsd *d, struct request *r,
                                     const struct btns_explain *m, const struct view *view,
                                     struct asker *a)
{
    const struct btns_flow flow = {.hdr = m->hdr};
    if (protocol_known((int)m->protocol))
        return explain_with(d, r, m, view, a);
    answer_verdict(d, r->client, &flow, BTNS_V_CLEAR, 0, false,
                   "goes in the clear; no rule is for another protocol than tcp");
    return true;
}

/* Fills in the process: the client itself, or the one that the message describes. */
_Static_assert(BTNS_EXPLAIN_GROUPS <= ASKER_GROUPS_MAX, "they are copied");
static int look_up_explained_asker(const struct request *r, const struct view *view,
                                   const struct btns_candidates *m, struct asker *a,
                                   struct err *err)
{
    int rc = asker_look(view, &r->from, m->question.program, a, err);
    if (rc)
        return rc;
    if (m->uid != BTNS_UID_OWN) {
        a->uid = m->uid;
        a->gids = m->gids;
        memcpy(a->gid, m->gid, a->gids * sizeof *m->gid);
        a->cgroup[0] = '\0';
    }
    if (m->cgroup[0])
        snprintf(a->cgroup, sizeof a->cgroup, "%.*s", (int)sizeof m->cgroup - 1, m->cgroup);
    return 0;
}

bool on_explain_rules(struct btnsd *d, struct request *r)
{
    static struct asker a; /* large */
    struct btns_candidates m;
    struct asked asked;
    struct err err = {""};
    struct view view;
    memcpy(&m, r->hdr, sizeof m);
    struct btns_explain *e = &m.question;
    e->program[sizeof e->program - 1] = '\0';
    if (m.uid != BTNS_UID_OWN && m.uid != r->from.uid && r->from.uid) {
        answer_end(r->client, r->hdr, EPERM, "only root may ask about another user's processes");
        return true;
    }
    if (m.gids > BTNS_EXPLAIN_GROUPS)
        return false;
    uid_t uid = m.uid != BTNS_UID_OWN ? m.uid : r->from.uid;
    const char *unknown = view_for(d, uid, e->policy, &view);
    if (unknown || look_up_explained_asker(r, &view, &m, &a, &err)) {
        answer_end(r->client, r->hdr, unknown ? ENOENT : EINVAL, unknown ? unknown : err.text);
        return true;
    }
    bool asks = is_question_address(&e->remote) && !explain_plan(d, r, &view, e, &a, &asked, &err);
    if (asks && send_explained_rules(r, &view, &asked.connect.rules)) {
        answer_end(r->client, r->hdr, ENOMEM, "btnsd is out of memory");
        return true;
    }
    return end_explain_with_verdict(d, r, e, &view, &a);
}
