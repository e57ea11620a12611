/* A program is about to connect: answered at once, or when its guard is up or has failed. */
#include "asker.h"
#include "decision_log.h"
#include "epoch.h"
#include "facts.h"
#include "holder.h"
#include "latch/keying.h"
#include "latch/report.h"
#include "log.h"
#include "passed.h"
#include "plan.h"
#include "privilege.h"
#include "requests.h"
#include "sockets.h"
#include "tally.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAITING_PER_USER 2048

/* A connect() that waits for its guard. */
struct pending {
    struct waiter wait;
    struct btnsd *d;
    struct client *client; /* blocking: who waits for the verdict; else NULL */
    int fd;                /* non-blocking: the socket itself, to end its attempt; else -1 */
    struct holder holder;  /* likewise: who still has it */
    struct btns_flow q;
    uid_t uid;
    struct timer limit;
    unsigned ms;
    const char *hint;
    uint64_t epoch; /* in which it was decided that the verdict may be cached; 0: it may not */
    char rule[BTNS_TEXT_MAX];
};

static void pending_free(struct pending *p)
{
    guard_unwait(&p->wait);
    loop_cancel(p->d->loop, &p->limit);
    holder_end(&p->holder);
    if (p->client)
        client_on_gone(p->client, NULL, NULL);
    if (p->fd >= 0)
        passed_close(p->fd, p->uid);
    tally_sub(p->d->waiting, p->uid);
    free(p);
}

static void on_client_gone(void *arg)
{
    struct pending *p = arg;
    p->client = NULL;
    pending_free(p);
}

/* The answer to its SYN must not find it deaf still: that is sent as soon as the guard opens. */
static void on_opening(struct waiter *w)
{
    const struct pending *p = (struct pending *)w;
    if (p->fd >= 0)
        socket_unblock(p->fd);
}

static void on_granted(struct waiter *w)
{
    struct pending *p = (struct pending *)w;
    uint32_t flags = p->epoch == epoch_now(p->d->epoch) ? BTNS_VF_CACHE : 0;
    on_opening(w); /* had it come before */
    if (p->client)
        answer_verdict(p->d, p->client, &p->q, BTNS_V_PROTECTED, 0, flags, p->rule);
    pending_free(p);
}

/*
 * The program sees the end of a non-blocking attempt "as though reset" (L13). It may not have made
 * it yet: then its connect() comes when the guard is gone, and must not go in the clear either.
 */
static void disconnect(const struct pending *p)
{
    int rc = socket_block(p->fd, p->q.remote.family);
    if (rc)
        log_note("a socket could not be blocked: %s", strerror(-rc));
    shutdown(p->fd, SHUT_RDWR);
}

/* Its program is dead, and nobody has inherited the socket: our copy alone keeps it. */
static void on_abandoned(void *arg)
{
    struct pending *p = arg;
    disconnect(p);
    pending_free(p);
}

static void mark(struct btnsd *d, const struct btns_flow *q, uid_t uid, enum btns_state state,
                 enum btns_reason code, const char *why)
{
    struct latch *l = registry_find(d->latches, q->cookie, uid);
    if (!l)
        return;
    l->state = state;
    l->reason = intern(why);
    l->code = (uint8_t)code;
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

static void go_clear(struct pending *p, enum btns_reason code, const char *why)
{
    char text[BTNS_TEXT_MAX];
    snprintf(text, sizeof text, "%s; %s prefers protection and goes on without", why, p->rule);
    miss_note(p->d, &p->q.remote, why);
    mark(p->d, &p->q, p->uid, BTNS_S_UNPROTECTED, code, text);
    on_opening(&p->wait);
    if (p->client)
        answer_verdict(p->d, p->client, &p->q, BTNS_V_UNPROTECTED, 0, 0, text);
    pending_free(p);
}

static void on_refused(struct waiter *w, bool clear, enum btns_reason code, const char *why)
{
    struct pending *p = (struct pending *)w;
    char text[BTNS_TEXT_MAX];
    if (clear && p->wait.prefer) {
        go_clear(p, code, why);
        return;
    }
    snprintf(text, sizeof text,
             "%s; %s demands protection. %s Clear traffic: action = prefer, or btns-run --prefer",
             why, p->rule, p->hint);
    mark(p->d, &p->q, p->uid, BTNS_S_CLOSED, code, text);
    if (p->client)
        answer_verdict(p->d, p->client, &p->q, BTNS_V_DENIED, ENOKEY, 0, text);
    else
        disconnect(p);
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
    char why[128];
    snprintf(why, sizeof why, "no protection within %u s (%s)", p->ms / 1000,
             g->keying->late              ? g->keying->late
             : g->state == GS_INTRODUCING ? "nobody answers IKE there"
                                          : "the key was not proved");
    enum btns_reason code = g->keying->late            ? BTNS_R_PEER_GONE
                            : !ike_is_ready(p->d->ike) ? BTNS_R_MANAGER
                            : g->tries                 ? BTNS_R_IDENTITY
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

static struct pending *pending_new(struct btnsd *d, uid_t uid)
{
    struct pending *p = calloc(1, sizeof *p);
    if (!p || !tally_add(d->waiting, uid, WAITING_PER_USER)) {
        free(p);
        return NULL;
    }
    p->d = d;
    p->uid = uid;
    p->fd = -1;
    p->wait.opening = on_opening;
    p->wait.granted = on_granted;
    p->wait.refused = on_refused;
    return p;
}

static void wait_for(struct btnsd *d, struct request *r, const struct btns_flow *q,
                     const struct plan *plan, struct guard *g)
{
    static const char full[] = "too many connections of yours wait for protection";
    struct pending *p = pending_new(d, r->from.uid);
    if (!p) {
        mark(d, q, r->from.uid, BTNS_S_CLOSED, BTNS_R_RESOURCES, full);
        answer_verdict(d, r->client, q, BTNS_V_DENIED, EAGAIN, 0, full);
        return;
    }
    p->q = *q;
    p->ms = plan->profile->timeout_ms;
    p->hint = keying_of(plan->profile->source.keys)->hint;
    p->epoch = plan->settled ? epoch_now(d->epoch) : 0;
    p->wait.prefer = plan->action == PLAN_PREFER;
    snprintf(p->rule, sizeof p->rule, "%s", plan->rule_text);
    if (q->flags & BTNS_F_NONBLOCK) {
        p->fd = r->fd;
        r->fd = -1;
        if (socket_deafen(p->fd, q->remote.family)) /* the guard does not close inwards yet */
            log_note("a socket that waits for protection could not be made deaf");
        holder_begin(&p->holder, d->loop, p->fd, r->from.pid, on_abandoned, p);
        answer_verdict(d, r->client, q, BTNS_V_PROTECTED, 0, BTNS_VF_LARVAL, plan->rule_text);
    } else {
        p->client = r->client;
        client_on_gone(r->client, on_client_gone, p);
    }
    guard_wait(g, &p->wait);
    loop_after(d->loop, &p->limit, p->ms, on_limit, p);
}

/* What a connect() is about, as far as it can be known before it is made. */
struct call {
    const struct btns_flow *q;
    const char *as; /* the program, or NULL: the caller's */
    struct ucred from;
    struct asker asker;
    struct btns_addr local;
    bool sure; /* the socket was shown */
    bool self;
    struct plan plan;
};

static struct latch *note_latch(struct btnsd *d, const struct call *c, enum btns_state state,
                                struct guard *g, enum btns_reason code, const char *reason)
{
    struct latch *l = registry_add(d->latches, c->q->cookie, c->from.uid, c->sure);
    const char *base = strrchr(c->asker.program, '/');
    if (!l)
        return NULL;
    l->pid = c->from.pid;
    l->state = state;
    l->remote = c->q->remote;
    l->policy = c->q->policy;
    l->program = intern(base ? base + 1 : c->asker.program);
    l->rule = intern(c->plan.rule_text);
    l->reason = reason ? intern(reason) : NULL;
    l->code = (uint8_t)code;
    latch_set_guard(l, g);
    latch_report(&d->events, l);
    sockets_expect(d);
    return l;
}

static struct guard_want want_of(const struct call *c)
{
    return (struct guard_want){
        .local = c->local,
        .remote = c->q->remote,
        .port = c->q->remote.port,
        .suite = c->plan.suite,
        .identity = c->plan.profile->identity,
        .source = &c->plan.profile->source,
        .hold = !c->sure || c->q->flags & BTNS_F_NONBLOCK,
    };
}

static uint32_t cache_flag(const struct plan *plan)
{
    return plan->settled ? BTNS_VF_CACHE : 0;
}

/* There may be no latch at all: fails closed, or goes on in the clear where that is preferred. */
static void go_without(struct btnsd *d, struct request *r, const struct call *c,
                       enum btns_reason code, const char *why)
{
    char text[BTNS_TEXT_MAX];
    bool clear = c->plan.action == PLAN_PREFER;
    snprintf(text, sizeof text, clear ? "%s; %s prefers protection and goes on without" : "%s; %s",
             why, c->plan.rule_text);
    note_latch(d, c, clear ? BTNS_S_UNPROTECTED : BTNS_S_CLOSED, NULL, code, text);
    answer_verdict(d, r->client, c->q, clear ? BTNS_V_UNPROTECTED : BTNS_V_DENIED,
                   clear ? 0 : ENOKEY, 0, text);
}

static void protect(struct btnsd *d, struct request *r, const struct call *c)
{
    struct err err;
    enum btns_reason no = guards_no_latch(&d->guards, &c->q->remote, NULL, &err);
    if (no) {
        go_without(d, r, c, no, err.text);
        return;
    }
    const char *missed = c->plan.action == PLAN_PREFER ? miss_find(d, &c->q->remote) : NULL;
    struct guard_want want = want_of(c);
    if (missed && !guard_find(&d->guards, &want.local, &want.remote, want.port, false)) {
        char text[BTNS_TEXT_MAX];
        snprintf(text, sizeof text, "%s; %s prefers protection and goes on without", missed,
                 c->plan.rule_text);
        note_latch(d, c, BTNS_S_UNPROTECTED, NULL, BTNS_R_PEER_GONE, text);
        answer_verdict(d, r->client, c->q, BTNS_V_UNPROTECTED, 0, 0, text);
        return;
    }
    struct guard *g = guard_want(&d->guards, &want, &err);
    if (g && !note_latch(d, c, BTNS_S_ESTABLISHED, g, BTNS_R_NONE, NULL)) {
        want.code = BTNS_R_RESOURCES;
        err_set(&err, "btnsd is out of memory");
        g = NULL;
    }
    if (!g) {
        char text[BTNS_TEXT_MAX];
        snprintf(text, sizeof text, "%s; %s", err.text, c->plan.rule_text);
        note_latch(d, c, BTNS_S_CLOSED, NULL, want.code, text);
        answer_verdict(d, r->client, c->q, BTNS_V_DENIED, ENOKEY, 0, text);
        return;
    }
    if (g->state == GS_UP)
        answer_verdict(d, r->client, c->q, BTNS_V_PROTECTED, 0, cache_flag(&c->plan),
                       c->plan.rule_text);
    else
        wait_for(d, r, c->q, &c->plan, g);
}

/* 0, or -errno with the reason in err. */
static int look_into(struct btnsd *d, struct request *r, const struct socket_facts *f,
                     struct call *c, struct err *err)
{
    struct route route;
    const struct btns_flow *q = c->q;
    c->from = r->from;
    c->sure = f != NULL;
    struct view view;
    const char *unknown = view_for(d, r->from.uid, q->policy, &view);
    if (unknown) {
        err_set(err, "%s", unknown);
        return -ENOENT; /* not EACCES: nobody has decided against it (RFC 3838, 5.3) */
    }
    int rc = asker_look(&view, &r->from, c->as, &c->asker, err);
    if (rc)
        return rc;
    rc = route_lookup(&q->remote, f ? f->mark : 0, f ? f->ifindex : 0, &route);
    if (rc) {
        err_set(err, "no route: %s", strerror(-rc));
        return rc;
    }
    bool bound = f && f->local.family == q->remote.family && !btns_addr_is_any(&f->local);
    c->local = bound ? f->local : route.local;
    c->self = route.to_self || btns_addr_is_loopback(&q->remote) ||
              btns_addr_ip_equal(&c->local, &q->remote);
    struct question question = {
        .point = POINT_CONNECT,
        .protocol = IPPROTO_TCP,
        .local = c->local,
        .remote = q->remote,
    };
    asker_fill(&c->asker, &question);
    asker_fill_way(d, &view, &route, &c->asker, &question);
    plan_connect(&view, &question, q->flags, c->self, &c->plan);
    return 0;
}

static void bypass(struct btnsd *d, struct request *r, const struct call *c)
{
    char text[BTNS_TEXT_MAX];
    int rc = privilege_to_bypass(&r->from) ? socket_bypass(r->fd, c->q->remote.family) : -EPERM;
    if (rc == -EPERM) {
        snprintf(text, sizeof text,
                 "--bypass is for root and who has CAP_NET_ADMIN (latching -02, section 3); %s",
                 c->plan.rule_text);
        answer_verdict(d, r->client, c->q, BTNS_V_DENIED, EPERM, 0, text);
        return;
    }
    if (rc) {
        snprintf(text, sizeof text, "the kernel refused the socket's own policy: %s",
                 strerror(-rc));
        answer_verdict(d, r->client, c->q, BTNS_V_DENIED, -rc, 0, text);
        return;
    }
    snprintf(text, sizeof text, "bypassed as asked for; %s", c->plan.rule_text);
    note_latch(d, c, BTNS_S_UNPROTECTED, NULL, BTNS_R_BYPASSED, text);
    answer_verdict(d, r->client, c->q, BTNS_V_CLEAR, 0, 0, text);
}

static void audit(struct btnsd *d, const struct call *c, const char *verdict, int error)
{
    audit_decision(&d->audit, &(struct audit_decision){.verdict = verdict,
                                                       .error = error,
                                                       .point = POINT_CONNECT,
                                                       .uid = c->from.uid,
                                                       .pid = c->from.pid,
                                                       .program = c->asker.program,
                                                       .address = &c->q->remote,
                                                       .rule = c->plan.rule,
                                                       .text = c->plan.rule_text});
}

/* program: NULL, or what root says is asking. */
static bool connect_as(struct btnsd *d, struct request *r, const char *program)
{
    struct btns_flow q; /* the message's buffer is used again when a drain reads others */
    struct socket_facts f;
    struct err err;
    char text[BTNS_TEXT_MAX];
    struct call c = {.q = &q, .as = program};
    memcpy(&q, r->hdr, sizeof q);
    if (client_is_waiting(r->client))
        return false; /* one at a time on a connection */
    int rc = facts_socket(r->fd, &f, &err);
    if (!rc && (f.cookie != q.cookie || !q.remote.family || q.protocol != (uint32_t)f.protocol))
        return false;
    if (!rc)
        rc = look_into(d, r, &f, &c, &err);
    if (rc) {
        answer_verdict(d, r->client, &q, BTNS_V_DENIED, -rc, 0, err.text);
        return true;
    }
    if (registry_next(d->latches, q.cookie, NULL))
        socket_unblock(r->fd); /* an earlier attempt failed; this one is judged anew */
    decision_log(c.plan.rule, POINT_CONNECT, &c.asker, r->from.pid, &q.remote);
    switch (c.plan.action) {
    case PLAN_CLEAR:
        if (!c.self)
            audit(d, &c, "clear", 0);
        snprintf(text, sizeof text, "%s%s", c.self ? "stays on this host; " : "", c.plan.rule_text);
        answer_verdict(d, r->client, &q, BTNS_V_CLEAR, 0, cache_flag(&c.plan), text);
        break;
    case PLAN_BYPASS:
        audit(d, &c, "bypass", 0);
        bypass(d, r, &c);
        break;
    case PLAN_DENY:
        audit(d, &c, "denied", EACCES);
        snprintf(text, sizeof text, "discarded by %s", c.plan.rule_text);
        answer_verdict(d, r->client, &q, BTNS_V_DENIED, EACCES, 0, text);
        break;
    default:
        if (c.plan.rule && c.plan.rule->log)
            audit(d, &c, "protected", 0);
        if (!q.remote.port) { /* in the SPD it would mean every port */
            answer_verdict(d, r->client, &q, BTNS_V_DENIED, ECONNREFUSED, 0,
                           "nobody can listen on port 0");
            break;
        }
        if (q.remote.scope) {
            answer_verdict(d, r->client, &q, BTNS_V_DENIED, ENOKEY, 0,
                           "link-local addresses cannot be protected: use a global one");
            break;
        }
        protect(d, r, &c);
    }
    return true;
}

bool on_connect(struct btnsd *d, struct request *r)
{
    return connect_as(d, r, NULL);
}

bool on_try(struct btnsd *d, struct request *r)
{
    struct btns_try m;
    memcpy(&m, r->hdr, sizeof m);
    m.program[sizeof m.program - 1] = '\0';
    return m.program[0] == '/' && connect_as(d, r, m.program);
}

/* A warm connect(): its verdict came from the cache, its guard is there. */
bool on_connecting(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    struct err err;
    struct call c = {.q = &q};
    memcpy(&q, r->hdr, sizeof q);
    if (!q.remote.family || !q.remote.port || q.protocol != IPPROTO_TCP ||
        look_into(d, r, NULL, &c, &err))
        return true;
    if (c.plan.action != PLAN_PROTECT && c.plan.action != PLAN_PREFER)
        return true;
    struct guard_want want = want_of(&c);
    struct guard *g = guard_find(&d->guards, &want.local, &want.remote, want.port, false);
    if (g) {
        g->wanted |= g->state == GS_CLOSING;
    } else { /* the way there has changed: what it has sent by now is gone, the rest is not */
        epoch_move(d->epoch);
        g = guard_want(&d->guards, &want, &err);
    }
    note_latch(d, &c, g ? BTNS_S_ESTABLISHED : BTNS_S_CLOSED, g, g ? BTNS_R_NONE : want.code,
               g ? NULL : err.text);
    return true;
}

bool on_why(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    memcpy(&q, r->hdr, sizeof q);
    const struct latch *l = r->from.uid ? registry_find(d->latches, q.cookie, r->from.uid)
                                        : registry_next(d->latches, q.cookie, NULL);
    if (!l) {
        answer_verdict(d, r->client, &q, BTNS_V_CLEAR, 0, 0, "");
        return true;
    }
    static const enum btns_verdict verdicts[] = {
        [BTNS_S_LISTENER] = BTNS_V_PROTECTED,      [BTNS_S_LARVAL] = BTNS_V_PROTECTED,
        [BTNS_S_ESTABLISHED] = BTNS_V_PROTECTED,   [BTNS_S_FAILED] = BTNS_V_DENIED,
        [BTNS_S_UNPROTECTED] = BTNS_V_UNPROTECTED, [BTNS_S_CLOSED] = BTNS_V_DENIED,
    };
    enum btns_verdict v = verdicts[latch_state(l)];
    answer_verdict(d, r->client, &q, v, v == BTNS_V_DENIED ? ENOKEY : 0, 0,
                   l->reason ? l->reason : l->rule);
    return true;
}
