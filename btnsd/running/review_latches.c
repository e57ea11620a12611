/*
 * Applies new rules to running connections and listeners. A latch's parameters never change
 * (latching -02, section 2.1): a latch that the rules now forbid, or that lacks what a mandatory
 * rule demands, is closed; every other latch lives until its connection ends. A listener gets a new
 * floor.
 */
#include "btnsd/running/review_latches.h"
#include "btnsd/base/intern.h"
#include "btnsd/base/log.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/plan/asker.h"
#include "btnsd/plan/connect_plan.h"
#include "btnsd/plan/facts.h"
#include "btnsd/plan/question.h"
#include "btnsd/running/block_connection.h"
#include "btnsd/running/reset_connection.h"
#include "btnsd/running/review_listener.h"
#include "btnsd/state/view_for.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Fills in the process that asked for the latch. False: the process has ended. */
static bool look_up_latch_asker(struct btnsd *d, const struct latch *l, struct view *v,
                                struct asker *a)
{
    char proc[32];
    struct stat st;
    struct err err;
    struct ucred from = {.pid = l->pid, .uid = l->uid};
    snprintf(proc, sizeof proc, "/proc/%d", l->pid);
    if (!l->pid || !facts_process_lives(l->pid, loop_now() - l->created) || stat(proc, &st) ||
        view_for(d, l->uid, l->policy, v))
        return false;
    from.gid = st.st_gid;
    return !asker_look(v, &from, NULL, a, &err);
}

static bool reviewed_latch_meets_rule(const struct latch *l, const struct rule *rule)
{
    const struct guard *g = l->guard;
    const struct profile *p = rule->profile;
    const struct suite *asked = suite_or_default(p->suite);
    if (!g || l->state != BTNS_S_ESTABLISHED)
        return false;
    if (g->mirror) /* for a mirror, serve_review() checks the peer */
        return !g->suite || g->suite->key_bits >= asked->key_bits;
    if (!g->suite || g->suite->key_bits < asked->key_bits)
        return false;
    const struct applicant is = {&g->local, &g->remote, &g->key, g->cert};
    return g->demand ? demand_covers(g->demand, &p->who) /* NULL: restored after a restart */
                     : applicant_fits(g->all, &is, POINT_CONNECT, g->service, &p->who, NULL);
}

static bool is_policy_withdrawn(const struct view *v, const struct question *q,
                                const struct latch *l, const struct rule *rule)
{
    if (!rule || rule->unresolved) /* the addresses that its name had stay latched */
        return false;
    if (rule->action == ACTION_DISCARD)
        return true;
    return rule->action == ACTION_PROTECT && view_binds(v, q, rule) &&
           !reviewed_latch_meets_rule(l, rule);
}

/*
 * Resets the connection (latching -08, section 2.2), or blocks it if that fails. The guard stays,
 * as other connections may use it.
 */
static void close_reviewed_latch(struct btnsd *d, struct latch *l, const char *why)
{
    bool reset = l->pid > 0 && !reset_connection(d, l);
    if (!reset)
        block_connection(d, l);
    l->state = BTNS_S_CLOSED;
    l->code = BTNS_R_RULE;
    intern_set(&l->reason, why);
    if (reset)
        latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

static void review_connection(struct btnsd *d, struct latch *l, const struct view *v,
                              struct asker *a)
{
    char text[BTNS_TEXT_MAX], rule_text[BTNS_TEXT_MAX];
    struct err err; /* without a route, the rules decide without facts about the route */
    bool accepted = l->guard ? l->guard->mirror : l->accepted;
    struct connect_question connect = {.rules = {.protocol = l->protocol, .remote = l->remote}};
    if (!accepted)
        question_connect(&d->guards, v, a, NULL, l->guard ? &l->guard->local : NULL, &connect,
                         &err);
    if (connect.self)
        return;
    const struct question q =
        accepted ? question_accept(a, l->protocol, &l->local, &l->remote) : connect.rules;
    const struct rule *rule = view_decide(v, &q, NULL);
    if (!is_policy_withdrawn(v, &q, l, rule))
        return;
    plan_rule_text(rule, rule_text, sizeof rule_text);
    snprintf(text, sizeof text, "rule withdrawn: %.100s allowed it, now %.300s %s", l->rule,
             rule_text,
             rule->action == ACTION_DISCARD ? "discards it" : "asks for more than is latched");
    close_reviewed_latch(d, l, text);
}

void latch_review(struct btnsd *d, struct latch *l)
{
    static struct asker a; /* large */
    struct view v;
    bool runs = l->state == BTNS_S_LISTENER || l->state == BTNS_S_ESTABLISHED ||
                l->state == BTNS_S_UNPROTECTED;
    if (!runs || !look_up_latch_asker(d, l, &v, &a))
        return;
    if (l->state == BTNS_S_LISTENER)
        review_listener_floor(d, l, &v, &a);
    else
        review_connection(d, l, &v, &a);
}

static void review_latch(void *arg, struct latch *l)
{
    latch_review(arg, l);
}

static void review_listener_latch(void *arg, struct latch *l)
{
    if (l->state == BTNS_S_LISTENER)
        review_latch(arg, l);
}

void latches_review_listeners(struct btnsd *d)
{
    registry_each(d->latches, review_listener_latch, d);
}

void latches_review(struct btnsd *d)
{
    d->evaluation++;
    if (d->latches && d->xfrm)
        registry_each(d->latches, review_latch, d);
}
