/* Reads the facts about a connect(): process, route and rule; and makes its latch. */
#include "btnsd/requests/connect_facts.h"
#include "btnsd/base/intern.h"
#include "btnsd/latch/guard/held_packets.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/gate.h"
#include "btnsd/requests/request_sender.h"
#include "btnsd/running/lost_sockets.h"
#include "btnsd/state/view_for.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Finds what is remembered of that host for hours; the text is valid until the next question. */
static void find_remembered_facts(const struct btnsd *d, const struct btns_addr *remote,
                                  struct connect_question *q)
{
    static char text[PLAIN_TEXT];
    enum plain plain = plain_host_find(&d->plain_hosts, remote, (uint64_t)time(NULL), text);
    q->without = plain == PLAIN_WITHOUT ? text : NULL;
    q->slow = plain == PLAIN_SLOW;
}

int connect_plan(struct btnsd *d, const struct request *r, const struct view *view,
                 struct asker *asker, const struct socket_facts *f, struct connect_question *q,
                 struct plan *plan, struct err *err)
{
    const struct btns_addr *remote = &q->rules.remote;
    int rc = question_connect(&d->guards, view, asker, f, NULL, q, err);
    if (rc)
        return rc;
    struct btns_addr local = q->rules.local, host = *remote;
    local.port = host.port = 0;
    const struct service service = {(uint8_t)q->rules.protocol, remote->port};
    if (!guard_find(&d->guards, &local, &host, service, false)) {
        q->recent = recent_failure_find(&d->recent_failures, remote, r->from.uid);
        q->shut = recent_failure_shut(&d->recent_failures, remote, q->known);
        find_remembered_facts(d, remote, q);
    }
    q->may_bypass = q->flags & BTNS_F_BYPASS &&
                    (q->flags & BTNS_F_OWN_POLICY || gate_is_root(r->from.uid, r->opener.uid));
    plan_connect(view, q, plan);
    answer_about_service(r->client, plan->profile ? plan->profile->name : "");
    return 0;
}

int connect_look_up(struct btnsd *d, struct request *r, const struct socket_facts *f,
                    struct connect_attempt *c, struct err *err)
{
    const struct btns_flow *q = c->q;
    struct view view;
    c->from = r->from;
    c->sure = f != NULL;
    const char *unknown = view_for(d, r->from.uid, q->policy, &view);
    if (f)
        c->own = view_for_socket(d, f->cookie, &view);
    if (c->message)
        view.wish = c->message;
    if (unknown) {
        err_set(err, "%s", unknown);
        return -ENOENT; /* not EACCES: no rule has denied the request (RFC 3838, 5.3) */
    }
    int rc = c->as || !f ? asker_look(&view, &r->from, c->as, &c->asker, err)
                         : request_read_sender(r, &view, &c->asker, err);
    if (rc)
        return rc;
    c->question = (struct connect_question){
        .rules = {.protocol = (int)q->protocol, .remote = q->remote}, .flags = q->flags};
    return connect_plan(d, r, &view, &c->asker, f, &c->question, &c->plan, err);
}

struct latch *connect_make_latch(struct btnsd *d, const struct connect_attempt *c,
                                 enum btns_state state, struct guard *g, enum btns_reason code,
                                 const char *reason)
{
    bool flow = protocol_is_datagrams(c->q->protocol);
    struct latch *l = flow ? registry_add_flow(d->latches, c->q->cookie, c->from.uid, &c->q->remote)
                           : registry_add(d->latches, c->q->cookie, c->from.uid, c->sure);
    const char *base = strrchr(c->asker.program, '/');
    if (!l)
        return NULL;
    /*
     * A refused datagram leaves its socket's latch as it is. Without the latch, the guard would end
     * one day, and the same socket could be latched to another key (L8).
     */
    if (flow && state == BTNS_S_CLOSED && l->guard)
        return l;
    l->pid = c->from.pid;
    l->state = state;
    l->protocol = (uint8_t)c->q->protocol;
    l->remote = c->q->remote;
    l->policy = c->q->policy;
    intern_set(&l->program, base ? base + 1 : c->asker.program);
    intern_set(&l->rule, c->plan.rule_text);
    intern_set(&l->profile, c->plan.profile && g ? c->plan.profile->name : NULL);
    intern_set(&l->reason, reason);
    l->code = (uint8_t)code;
    latch_set_guard(l, g);
    latch_report(&d->events, l);
    lost_sockets_expect(d);
    return l;
}

struct guard_want connect_wanted_guard(const struct connect_attempt *c)
{
    return (struct guard_want){
        .local = c->question.rules.local,
        .remote = c->q->remote,
        .service = {(uint8_t)c->q->protocol, c->q->remote.port},
        .suite = c->plan.suite,
        .demand = &c->plan.profile->who,
        .source = &c->plan.profile->source,
        .uid = c->from.uid,
        .prefer = c->plan.action == PLAN_PREFER,
        .hold_ms = c->plan.profile->timeout_ms / 4,
        .hold = !c->sure || c->q->flags & BTNS_F_NONBLOCK,
    };
}

struct guard *connect_answered_guard(struct btnsd *d, const struct socket_facts *f,
                                     const struct connect_attempt *c)
{
    struct btns_addr local = c->question.rules.local, remote = c->q->remote;
    const struct service own = {(uint8_t)f->protocol, f->local.port};
    local.port = remote.port = 0;
    if (!protocol_is_datagrams(f->protocol) || !own.port)
        return NULL;
    struct guard *mirror = guard_find(&d->guards, &local, &remote, own, true);
    const struct latch *l =
        registry_find_flow(d->latches, c->q->cookie, c->from.uid, &c->q->remote);
    return latch_answers(l, mirror, &c->q->remote) ? mirror : NULL;
}

bool connect_answer_fits(const struct connect_attempt *c, struct guard *g, struct err *err)
{
    bool wished = c->own || c->message;
    if (!wished || (c->plan.action != PLAN_PROTECT && c->plan.action != PLAN_PREFER))
        return true;
    const struct guard_want want = connect_wanted_guard(c);
    return !g->keying->fits || g->keying->fits(g, &want, err);
}
