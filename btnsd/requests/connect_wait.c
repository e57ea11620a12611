/* connect()s that wait for a guard: answered when the guard is up, has failed or took too long. */
#include "btnsd/requests/connect_wait.h"
#include "btnsd/base/count_by_user.h"
#include "btnsd/base/hash_table.h"
#include "btnsd/base/intern.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/base/socket_holder.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/keying/unheard_peer.h"
#include "btnsd/latch/registry/events.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/first_contact.h"
#include "btnsd/running/block_connection.h"
#include "btnsd/running/lost_sockets.h"
#include "btnsd/running/reset.h"
#include "btnsd/running/translation.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/epoch.h"
#include "btnsd/server/passed_fds.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A connect() that waits for its guard; in the background also for the peer's answer after that. */
struct pending {
    struct waiter wait;
    struct hash_link at_cookie; /* in `granted` */
    bool is_granted;
    struct btnsd *d;
    struct client *client; /* who waits for the verdict, or is told the outcome; NULL: it is gone */
    bool background;       /* non-blocking: the program went on */
    bool shut;            /* its socket is, by a policy of its own, until the program may connect */
    bool translated;      /* its socket is to be bound to the guard (translation.h) */
    bool bound;           /* that was done */
    pid_t pid;            /* who asked */
    struct holder holder; /* non-blocking: which process has the socket */
    struct btns_flow q;
    uid_t uid;
    struct timer limit;
    unsigned ms;
    unsigned first_ms; /* the first look at whether anybody has answered; 0: there is none */
    unsigned looks;    /* how many there were */
    const char *hint;
    bool known;     /* the peer was, when the program asked */
    uint64_t epoch; /* epoch of a verdict that may be cached; 0: it may not */
    char rule[BTNS_TEXT_MAX];
};

/* Attempts in the background whose guard is up, for as long as their programs can be told. */
static struct hash_table granted; /* by socket cookie */

static uint64_t hash_cookie(uint64_t cookie)
{
    return hash_more(hash_begin(), &cookie, sizeof cookie);
}

/* A granted attempt no longer counts among those of its user that wait. */
static void enter_granted(struct pending *p)
{
    loop_cancel(p->d->loop, &p->limit);
    holder_end(&p->holder);
    count_by_user_sub(p->d->waiting, p->uid);
    p->is_granted = true;
    hash_table_enter(&granted, &p->at_cookie, hash_cookie(p->q.cookie));
}

static bool is_of_latch(const struct pending *p, const struct latch *l)
{
    return p->q.cookie == l->cookie && p->uid == l->uid &&
           (!l->flow || btns_addr_equal(&p->q.remote, &l->remote));
}

static struct pending *find_granted(const struct latch *l)
{
    const size_t at = offsetof(struct pending, at_cookie);
    struct pending *p = hash_item(hash_table_first(&granted, hash_cookie(l->cookie)), at);
    while (p && !is_of_latch(p, l))
        p = hash_item(hash_table_next(&p->at_cookie), at);
    return p;
}

static void pending_free(struct pending *p)
{
    if (p->is_granted) {
        hash_table_leave(&granted, &p->at_cookie);
        if (p->client)
            client_on_gone(p->client, NULL, NULL);
        free(p);
        return;
    }
    guard_unwait(&p->wait);
    loop_cancel(p->d->loop, &p->limit);
    holder_end(&p->holder);
    if (p->client)
        client_on_gone(p->client, NULL, NULL);
    count_by_user_sub(p->d->waiting, p->uid);
    free(p);
}

static void on_client_gone(void *arg)
{
    struct pending *p = arg;
    p->client = NULL;
    pending_free(p);
}

/* The program, or its copy of the connection, closed it: perhaps with the socket. */
static void on_told_gone(void *arg)
{
    struct pending *p = arg;
    p->client = NULL;
    if (p->is_granted)
        pending_free(p);
    else
        holder_check(&p->holder);
}

/*
 * A datagram socket that is connected to the peer must not send to it in the clear when the guard
 * is gone: it is disconnected. Its program may connect it anew.
 */
static void end_association(struct pending *p, int fd)
{
    struct btns_addr peer;
    bool connected = facts_peer(fd, &peer) && btns_addr_equal(&peer, &p->q.remote);
    int rc = connected ? socket_dissolve(fd) : 0;
    if (rc)
        log_rated(log_warning, "datagram sockets that could not be disconnected",
                  "a datagram socket could not be disconnected: %s", strerror(-rc));
}

/*
 * Does something to the socket of an attempt in the background. btnsd keeps no copy of its
 * descriptor: the program's close() would not end the socket. False: nobody is found to have it.
 */
static bool with_socket(struct pending *p, void (*act)(struct pending *p, int fd))
{
    bool touched = p->background && !protocol_is_datagrams(p->q.protocol);
    if (!touched && !p->shut && !p->translated && act != end_association)
        return true;
    pid_t pid = p->background ? p->holder.pid : p->pid;
    int fd = socket_borrow(pid, p->q.fd_plus_1 - 1, p->q.cookie, p->uid, BORROW_SOME);
    if (fd < 0 && p->background)
        fd = socket_borrow(holder_find(&p->holder), -1, p->q.cookie, p->uid, BORROW_SOME);
    if (fd < 0)
        return false;
    act(p, fd);
    passed_close(fd, p->uid);
    return true;
}

static struct latch *latch_of_question(struct btnsd *d, const struct btns_flow *q, uid_t uid)
{
    return protocol_is_datagrams(q->protocol)
               ? registry_find_flow(d->latches, q->cookie, uid, &q->remote)
               : registry_find(d->latches, q->cookie, uid);
}

static void unblock_socket(struct pending *p, int fd)
{
    if (p->shut)
        socket_open(fd);
    else
        socket_unblock(fd);
}

static void unmark_socket(struct pending *p, int fd)
{
    if (p->translated)
        socket_mark(fd, false);
}

static void clear_socket(struct pending *p, int fd)
{
    unblock_socket(p, fd);
    unmark_socket(p, fd);
}

static void open_socket(struct pending *p, int fd)
{
    const struct latch *l = latch_of_question(p->d, &p->q, p->uid);
    unblock_socket(p, fd);
    if (p->translated && l && l->guard)
        p->bound = !translation_bind(fd, p->q.remote.family, l->guard);
}

/* The held SYN is sent as soon as the guard opens: the socket must be able to receive by then. */
static void on_opening(struct waiter *w)
{
    struct pending *p = (struct pending *)w;
    if (p->background)
        with_socket(p, open_socket);
}

void connect_tell_end(struct btnsd *d, const struct latch *l, const char *why)
{
    struct pending *p = find_granted(l);
    if (!p)
        return;
    answer_verdict(d, p->client, &p->q, BTNS_V_DENIED, ERRNO_UNPROTECTED, 0, why);
    pending_free(p);
}

/*
 * Ends a non-blocking connect() "as though reset" (L13). The program may not have called connect()
 * yet: the socket is blocked, so that a later call does not go in the clear.
 */
static void disconnect(struct pending *p, int fd)
{
    int rc = socket_block(fd, p->q.remote.family);
    if (rc)
        log_rated(log_warning, "sockets that could not be blocked",
                  "a socket could not be blocked: %s", strerror(-rc));
    shutdown(fd, SHUT_RDWR);
}

/*
 * The program has ended or closed the socket, and no other process has it. The kernel reports the
 * socket's end only when it holds no packet of it, which can take as long as the rule's timeout.
 */
static void on_abandoned(void *arg)
{
    struct pending *p = arg;
    struct registry *latches = p->d->latches;
    uint64_t cookie = p->q.cookie;
    pending_free(p);
    registry_socket_gone(latches, cookie);
}

static void mark_latch(struct btnsd *d, const struct btns_flow *q, uid_t uid, enum btns_state state,
                       enum btns_reason code, const char *why)
{
    struct latch *l = latch_of_question(d, q, uid);
    if (!l)
        return;
    l->state = state;
    intern_set(&l->reason, why);
    l->code = (uint8_t)code;
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

static void go_clear(struct pending *p, enum btns_reason code, const char *why)
{
    char text[BTNS_TEXT_MAX];
    snprintf(text, sizeof text, "%s; %s prefers protection and goes on without", why, p->rule);
    if (code != BTNS_R_RESOURCES)
        recent_failure_add(&p->d->recent_failures, &p->q.remote, p->uid, why);
    mark_latch(p->d, &p->q, p->uid, BTNS_S_UNPROTECTED, code, text);
    with_socket(p, clear_socket);
    if (p->client)
        answer_verdict(p->d, p->client, &p->q, BTNS_V_UNPROTECTED, 0, 0, text);
    pending_free(p);
}

/*
 * Where an attack would look the same, the way round it is not offered: clear traffic is proposed
 * only for a host that never was protected.
 */
static void write_refusal(char text[BTNS_TEXT_MAX], const struct pending *p, enum btns_reason code,
                          const char *why)
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

/*
 * The guard will be gone. A socket that is still there, but among more descriptors than btnsd looks
 * through, is blocked by entries of its own.
 */
static void end_attempt(struct pending *p)
{
    bool ended = true;
    if (protocol_is_datagrams(p->q.protocol))
        ended = with_socket(p, end_association);
    else if (p->background || p->translated)
        ended = with_socket(p, p->background ? disconnect : unmark_socket);
    struct latch *l = ended ? NULL : latch_of_question(p->d, &p->q, p->uid);
    if (l)
        block_connection(p->d, l);
}

static void refuse_pending(struct pending *p, enum btns_reason code, const char *why)
{
    char text[BTNS_TEXT_MAX];
    write_refusal(text, p, code, why);
    mark_latch(p->d, &p->q, p->uid, BTNS_S_CLOSED, code, text);
    if (p->client) /* first: the program looks for the reason when its attempt has ended */
        answer_verdict(p->d, p->client, &p->q, BTNS_V_DENIED, ERRNO_UNPROTECTED, 0, text);
    end_attempt(p);
    pending_free(p);
}

static void on_refused(struct waiter *w, bool clear, enum btns_reason code, const char *why)
{
    struct pending *p = (struct pending *)w;
    if (clear && p->wait.prefer)
        go_clear(p, code, why);
    else
        refuse_pending(p, code, why);
}

static void on_granted(struct waiter *w)
{
    struct pending *p = (struct pending *)w;
    const struct latch *l = latch_of_question(p->d, &p->q, p->uid);
    char text[BTNS_TEXT_MAX], both[BTNS_TEXT_MAX];
    uint32_t flags = (p->epoch == epoch_now(p->d->epoch) ? BTNS_VF_CACHE : 0) |
                     (p->translated ? BTNS_VF_TRANSLATES : 0);
    with_socket(p, open_socket); /* in case on_opening() was not called before */
    if (p->translated && !p->bound) {
        refuse_pending(p, BTNS_R_RESOURCES, TRANSLATION_UNBOUND);
        return;
    }
    const char *words = p->translated ? translation_verdict(p->d, p->rule, text) : p->rule;
    if (p->client && l && l->guard)
        flags |= first_contact(l->guard, &p->q, &words, both);
    if (p->client)
        answer_verdict(p->d, p->client, &p->q, BTNS_V_PROTECTED, 0, flags, words);
    if (p->background && p->client)
        enter_granted(p);
    else
        pending_free(p);
}

static bool waits_alone(const struct guard *g)
{
    const struct waiter *w = g->waiters;
    while (w && w->prefer)
        w = w->next;
    return !w;
}

static void on_limit(struct timer *t)
{
    struct pending *p = t->arg;
    struct guard *g = p->wait.guard;
    struct err turn = {"it would be its turn now"};
    char why[BTNS_TEXT_MAX];
    if (g->queued)
        ike_room(p->d->ike, p->uid, &turn);
    snprintf(why, sizeof why, "no protection within %u s (%s)", p->ms / 1000,
             g->queued                    ? turn.text
             : g->keying->late            ? g->keying->late
             : g->tries                   ? g->doubt_text
             : g->state == GS_INTRODUCING ? "nobody answers IKE there"
                                          : "the key was not proved");
    enum btns_reason code = g->queued                  ? BTNS_R_RESOURCES
                            : g->keying->late          ? BTNS_R_PEER_GONE
                            : !ike_is_ready(p->d->ike) ? BTNS_R_MANAGER
                            : g->tries                 ? g->doubt
                                                       : BTNS_R_PEER_GONE;
    if (p->wait.prefer && !g->ever_up && waits_alone(g)) {
        guard_fail(g, code, "%s", why);
    } else if (p->wait.prefer && !g->ever_up) {
        loop_after(p->d->loop, &p->limit, 500, on_limit, p); /* the guard serves a stricter rule */
    } else {
        guard_unwait(&p->wait);
        on_refused(&p->wait, false, code, why);
    }
}

/*
 * Under a rule that prefers protection, a host that runs no btnsd costs little: who has not
 * answered the first message by now is waited for no longer. The exchange itself goes on, and its
 * end is remembered.
 */
static void on_first_limit(struct timer *t)
{
    struct pending *p = t->arg;
    struct guard *g = p->wait.guard;
    const unsigned waited = p->first_ms * (p->looks + 1);
    bool asked = g->keying->own && !g->queued && g->state == GS_INTRODUCING && g->task &&
                 !g->tries && waits_alone(g);
    bool under_way = asked && (ike_task_asked(g->task) || p->looks);
    bool answered = asked && ike_task_answered(g->task);
    if (asked && !under_way) {
        p->looks++; /* charon has not sent it yet */
        loop_after(p->d->loop, &p->limit, p->first_ms, on_first_limit, p);
    } else if (!asked || answered) {
        loop_after(p->d->loop, &p->limit, p->ms > waited ? p->ms - waited : 0, on_limit, p);
    } else {
        exchange_leave(g);
        guard_fail(g, BTNS_R_PEER_GONE, "nobody answered IKE there within %u.%u s",
                   p->first_ms / 1000, p->first_ms % 1000 / 100);
    }
}

static struct pending *pending_new(struct btnsd *d, uid_t uid, struct err *err)
{
    err_set(err, "btnsd is out of memory");
    struct pending *p = calloc(1, sizeof *p);
    if (!p || !count_by_user_add(d->waiting, uid, err)) {
        free(p);
        return NULL;
    }
    p->d = d;
    p->uid = uid;
    p->wait.opening = on_opening;
    p->wait.granted = on_granted;
    p->wait.refused = on_refused;
    return p;
}

/* The socket of a program that went on: it may send, which the guard holds, and hears nothing. */
static void go_on_in_background(struct request *r, struct pending *p, bool own)
{
    if (own)
        socket_open(r->fd);
    if (protocol_is_datagrams(p->q.protocol)) { /* its guard blocks at once (entries.c) */
        holder_begin(&p->holder, p->d->loop, r->fd, r->from.pid, on_abandoned, p);
        return;
    }
    /* The guard does not block incoming packets yet. */
    if (socket_deafen(r->fd, p->q.remote.family))
        log_rated(log_warning, "sockets that wait and are not deaf",
                  "a socket that waits for protection could not be made deaf");
    holder_begin(&p->holder, p->d->loop, r->fd, r->from.pid, on_abandoned, p);
}

void wait_for(struct btnsd *d, struct request *r, const struct connect_attempt *c, struct guard *g)
{
    const struct btns_flow *q = c->q;
    const struct plan *plan = &c->plan;
    char text[BTNS_TEXT_MAX];
    struct err full;
    struct pending *p = pending_new(d, r->from.uid, &full);
    if (!p) {
        mark_latch(d, q, r->from.uid, BTNS_S_CLOSED, BTNS_R_RESOURCES, full.text);
        answer_verdict(d, r->client, q, BTNS_V_DENIED, EAGAIN, 0, full.text);
        return;
    }
    p->q = *q;
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
        go_on_in_background(r, p, c->own);
        answer_verdict(d, r->client, q, BTNS_V_PROTECTED, 0,
                       BTNS_VF_LARVAL | (c->translated ? BTNS_VF_TRANSLATES : 0),
                       c->translated ? translation_verdict(d, plan->rule_text, text)
                                     : plan->rule_text);
    }
    p->background = q->flags & BTNS_F_NONBLOCK;
    p->shut = c->own && !p->background;
    p->pid = r->from.pid;
    p->client = r->client;
    client_on_gone(r->client, p->background ? on_told_gone : on_client_gone, p);
    p->wait.limit = loop_now() + p->ms;
    p->first_ms = p->wait.prefer && !p->known && !c->question.slow ? plan_first_ms(p->ms) : 0;
    guard_wait(g, &p->wait);
    if (p->first_ms)
        loop_after(d->loop, &p->limit, p->first_ms, on_first_limit, p);
    else
        loop_after(d->loop, &p->limit, p->ms, on_limit, p);
}
