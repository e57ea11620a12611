/* connect()s that wait for a guard: answered when the guard is up, has failed or took too long. */
#include "btnsd/requests/connect_wait.h"
#include "btnsd/base/count_by_user.h"
#include "btnsd/base/intern.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/connect_limit.h"
#include "btnsd/requests/first_contact.h"
#include "btnsd/requests/pending_socket.h"
#include "btnsd/running/lost_sockets.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/running/translation.h"
#include "btnsd/server/epoch.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void on_connector_gone(void *arg)
{
    struct pending *p = arg;
    p->client = NULL;
    pending_free(p);
}

/*
 * The program closed the connection over which it asked, or a copy of it; perhaps the socket, too.
 */
static void on_told_connector_gone(void *arg)
{
    struct pending *p = arg;
    p->client = NULL;
    if (p->is_granted)
        pending_free(p);
    else
        holder_check(&p->holder);
}

/* The held SYN is sent as soon as the guard opens; by then the socket must be able to receive. */
static void on_guard_opening(struct waiter *w)
{
    struct pending *p = (struct pending *)w;
    if (p->background)
        pending_open_socket(p);
}

void connect_tell_end(struct btnsd *d, const struct latch *l, const char *why)
{
    struct pending *p = pending_of_latch(l);
    if (!p)
        return;
    answer_verdict(d, p->client, &p->q, BTNS_V_DENIED, ERRNO_UNPROTECTED, 0, why);
    pending_free(p);
}

/*
 * The program has ended or closed the socket, and no other process has it. The kernel reports the
 * socket's end only when it holds no packet of it, which can take as long as the rule's timeout.
 */
static void on_connect_abandoned(void *arg)
{
    struct pending *p = arg;
    struct registry *latches = p->d->latches;
    uint64_t cookie = p->q.cookie;
    pending_free(p);
    registry_socket_gone(latches, cookie);
}

static void mark_waiting_latch(struct btnsd *d, const struct btns_flow *q, uid_t uid,
                               enum btns_state state, enum btns_reason code, const char *why)
{
    struct latch *l = pending_latch(d, q, uid);
    /* As in connect_make_latch(): a latched destination stays latched while the socket lives. */
    if (!l || (state == BTNS_S_CLOSED && l->flow && l->guard && l->guard->ever_up))
        return;
    l->state = state;
    intern_set(&l->reason, why);
    l->code = (uint8_t)code;
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

static void connect_in_clear(struct pending *p, enum btns_reason code, const char *why)
{
    char text[BTNS_TEXT_MAX];
    snprintf(text, sizeof text, "%s; %s prefers protection and goes on without", why, p->rule);
    if (code != BTNS_R_RESOURCES)
        recent_failure_add(&p->d->recent_failures, &p->q.remote, p->uid, why);
    mark_waiting_latch(p->d, &p->q, p->uid, BTNS_S_UNPROTECTED, code, text);
    pending_clear_socket(p);
    if (p->client)
        answer_verdict(p->d, p->client, &p->q, BTNS_V_UNPROTECTED, 0, 0, text);
    pending_free(p);
}

/*
 * Writes the refusal. If an attack would look the same, it suggests no way around: it mentions
 * clear traffic only for a host that was never protected.
 */
static void write_connect_refusal(char text[BTNS_TEXT_MAX], const struct pending *p,
                                  enum btns_reason code, const char *why)
{
    if (code == BTNS_R_IDENTITY && p->wait.prefer)
        snprintf(text, BTNS_TEXT_MAX, "%s; %s prefers protection, but to no other peer", why,
                 p->rule);
    else if (code == BTNS_R_IDENTITY || code == BTNS_R_RULE)
        snprintf(text, BTNS_TEXT_MAX, "%s; %s demands protection", why, p->rule);
    else if (p->known)
        snprintf(text, BTNS_TEXT_MAX,
                 "%s; %s demands protection. The peer is known: it does not run btnsd now, or "
                 "somebody keeps IKE from it",
                 why, p->rule);
    else
        snprintf(text, BTNS_TEXT_MAX,
                 "%s; %s demands protection. %s Clear traffic: action = prefer, or btns-run "
                 "--prefer",
                 why, p->rule, p->hint);
}

static void refuse_pending_connect(struct pending *p, enum btns_reason code, const char *why)
{
    char text[BTNS_TEXT_MAX];
    write_connect_refusal(text, p, code, why);
    mark_waiting_latch(p->d, &p->q, p->uid, BTNS_S_CLOSED, code, text);
    if (p->client) /* told first: the program looks for the reason when its attempt has ended */
        answer_verdict(p->d, p->client, &p->q, BTNS_V_DENIED, ERRNO_UNPROTECTED, 0, text);
    pending_end_socket(p);
    pending_free(p);
}

static void on_connect_refused(struct waiter *w, bool clear, enum btns_reason code, const char *why)
{
    struct pending *p = (struct pending *)w;
    if (clear && p->wait.prefer)
        connect_in_clear(p, code, why);
    else
        refuse_pending_connect(p, code, why);
}

static void on_connect_granted(struct waiter *w)
{
    struct pending *p = (struct pending *)w;
    const struct latch *l = pending_latch(p->d, &p->q, p->uid);
    char text[BTNS_TEXT_MAX], both[BTNS_TEXT_MAX];
    uint32_t flags = (p->epoch == epoch_now(p->d->epoch) ? BTNS_VF_CACHE : 0) |
                     (p->translated ? BTNS_VF_TRANSLATES : 0);
    pending_open_socket(p); /* in case on_guard_opening() was not called before */
    if (p->translated && !p->bound) {
        refuse_pending_connect(p, BTNS_R_RESOURCES, TRANSLATION_UNBOUND);
        return;
    }
    const char *words = p->translated ? translation_verdict(p->d, p->rule, text) : p->rule;
    if (p->client && l && l->guard)
        flags |= first_contact(l->guard, &p->q, &words, both);
    if (p->client)
        answer_verdict(p->d, p->client, &p->q, BTNS_V_PROTECTED, 0, flags, words);
    if (p->background && p->client)
        pending_grant(p);
    else
        pending_free(p);
}

static struct pending *pending_connect_new(struct btnsd *d, uid_t uid, struct err *err)
{
    err_set(err, "btnsd is out of memory");
    struct pending *p = calloc(1, sizeof *p);
    if (!p || !count_by_user_add(d->waiting, uid, err)) {
        free(p);
        return NULL;
    }
    p->d = d;
    p->uid = uid;
    p->wait.opening = on_guard_opening;
    p->wait.granted = on_connect_granted;
    p->wait.refused = on_connect_refused;
    return p;
}

/*
 * The program goes on without waiting. Its socket may send, and the guard holds the packets; it
 * receives nothing.
 */
static void connect_wait_in_background(struct request *r, struct pending *p, bool own)
{
    if (own)
        shut_socket_answered(r->fd, p->q.protocol, false);
    if (protocol_is_datagrams(p->q.protocol)) { /* its guard blocks at once (entries.c) */
        holder_begin(&p->holder, p->d->loop, r->fd, r->from.pid, on_connect_abandoned, p);
        return;
    }
    /* The guard does not block incoming packets yet. */
    if (socket_policy_deafen(r->fd, p->q.remote.family))
        log_rated(log_warning, "sockets that wait and are not deaf",
                  "a socket that waits for protection could not be made deaf");
    holder_begin(&p->holder, p->d->loop, r->fd, r->from.pid, on_connect_abandoned, p);
}

void connect_wait_for_guard(struct btnsd *d, struct request *r, const struct connect_attempt *c,
                            struct guard *g)
{
    const struct btns_flow *q = c->q;
    const struct plan *plan = &c->plan;
    char text[BTNS_TEXT_MAX];
    struct err full;
    struct pending *p = pending_connect_new(d, r->from.uid, &full);
    if (!p) {
        mark_waiting_latch(d, q, r->from.uid, BTNS_S_CLOSED, BTNS_R_RESOURCES, full.text);
        answer_verdict(d, r->client, q, BTNS_V_DENIED, EAGAIN, 0, full.text);
        return;
    }
    p->q = *q;
    p->source = g->local;
    p->ms = plan->profile->timeout_ms;
    p->hint = d->guards.keying[plan->profile->source.keys]->hint;
    p->known = c->question.known;
    p->translated = c->translated;
    p->epoch = plan->settled && !p->translated ? epoch_now(d->epoch) : 0;
    p->wait.prefer = plan->action == PLAN_PREFER;
    p->wait.suite = suite_or_default(plan->profile->suite);
    snprintf(p->rule, sizeof p->rule, "%s", plan->rule_text);
    if (q->flags & BTNS_F_NONBLOCK) {
        p->wait.holds = true;
        connect_wait_in_background(r, p, c->own);
        answer_verdict(d, r->client, q, BTNS_V_PROTECTED, 0,
                       BTNS_VF_LARVAL | (c->translated ? BTNS_VF_TRANSLATES : 0),
                       c->translated ? translation_verdict(d, plan->rule_text, text)
                                     : plan->rule_text);
    }
    p->background = q->flags & BTNS_F_NONBLOCK;
    p->shut = c->own && !p->background;
    p->pid = r->from.pid;
    p->client = r->client;
    client_on_gone(r->client, p->background ? on_told_connector_gone : on_connector_gone, p);
    p->wait.limit = loop_now() + p->ms;
    p->first_ms = p->wait.prefer && !p->known && !c->question.slow ? plan_first_ms(p->ms) : 0;
    guard_wait(g, &p->wait);
    connect_limit_begin(p);
}
