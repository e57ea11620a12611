/* Answers a program that is about to connect: at once, or when its guard is up. */
#include "btnsd/requests/connect.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/keying/unanswered.h"
#include "btnsd/plan/decision_log.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/requests/chained_actions.h"
#include "btnsd/requests/connect_facts.h"
#include "btnsd/requests/connect_wait.h"
#include "btnsd/requests/first_contact.h"
#include "btnsd/requests/gate.h"
#include "btnsd/running/living_ao_keys.h"
#include "btnsd/running/lost_sockets.h"
#include "btnsd/running/new_addresses.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/running/signatures.h"
#include "btnsd/running/translation.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

static uint32_t connect_cache_flag(const struct plan *plan)
{
    return plan->settled ? BTNS_VF_CACHE : 0;
}

static uint32_t connect_protected_flags(const struct connect_attempt *c)
{
    return connect_cache_flag(&c->plan) | (c->translated ? BTNS_VF_TRANSLATES : 0);
}

/*
 * Opens a socket that has a policy of its own. It was shut, so that nothing could bypass the
 * policy.
 */
static void connect_open(const struct request *r, const struct connect_attempt *c, bool clear)
{
    if (c->own)
        shut_socket_answered(r->fd, c->q->protocol, clear);
}

/* Protection is impossible: refuses the connect(), or lets it go in the clear, as planned. */
static void connect_without(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    bool clear = c->plan.action == PLAN_WITHOUT;
    if (c->plan.code)
        connect_make_latch(d, c, clear ? BTNS_S_UNPROTECTED : BTNS_S_CLOSED, NULL, c->plan.code,
                           c->plan.why);
    if (clear)
        connect_open(r, c, true);
    answer_verdict(d, r->client, c->q, clear ? BTNS_V_UNPROTECTED : BTNS_V_DENIED, c->plan.error, 0,
                   c->plan.why);
}

static bool connect_is_guarded(struct btnsd *d, const struct guard_want *w)
{
    return guard_find(&d->guards, &w->local, &w->remote, w->service, false);
}

/* If only a limit forbids a guard, a rule that prefers protection goes on in the clear. */
static void connect_without_guard(struct btnsd *d, struct request *r,
                                  const struct connect_attempt *c, const struct guard_want *want,
                                  const char *why)
{
    char text[BTNS_TEXT_MAX];
    bool clear = want->code == BTNS_R_RESOURCES && c->plan.action == PLAN_PREFER &&
                 !connect_is_guarded(d, want);
    snprintf(text, sizeof text, "%.400s; %.400s%s", why, c->plan.rule_text,
             clear ? " prefers protection and goes on without" : "");
    connect_make_latch(d, c, clear ? BTNS_S_UNPROTECTED : BTNS_S_CLOSED, NULL, want->code, text);
    if (clear)
        connect_open(r, c, true);
    answer_verdict(d, r->client, c->q, clear ? BTNS_V_UNPROTECTED : BTNS_V_DENIED,
                   clear ? 0 : ERRNO_UNPROTECTED, 0, text);
}

static void bypass_connect_socket(struct btnsd *d, struct request *r,
                                  const struct connect_attempt *c)
{
    char text[BTNS_TEXT_MAX];
    bool root = gate_is_root(r->from.uid, r->opener.uid);
    int rc = root ? socket_policy_bypass(r->fd, c->q->remote.family) : 0;
    if (rc) {
        snprintf(text, sizeof text, "the kernel refused the socket's own policy: %s",
                 strerror(-rc));
        answer_verdict(d, r->client, c->q, BTNS_V_DENIED, -rc, 0, text);
        return;
    }
    snprintf(text, sizeof text, "bypassed as asked for; %s", c->plan.rule_text);
    connect_make_latch(d, c, BTNS_S_UNPROTECTED, NULL, BTNS_R_BYPASSED, text);
    answer_verdict(d, r->client, c->q, BTNS_V_CLEAR, 0, root ? 0 : BTNS_VF_OWN_POLICY, text);
}

static void audit_connect(struct btnsd *d, const struct connect_attempt *c, const char *verdict,
                          int error)
{
    audit_decision(&d->audit, &(struct audit_decision){.verdict = verdict,
                                                       .error = error,
                                                       .point = POINT_CONNECT,
                                                       .uid = c->from.uid,
                                                       .pid = c->from.pid,
                                                       .program = c->asker.program,
                                                       .address = &c->q->remote,
                                                       .rule = c->plan.rule,
                                                       .rule_text = c->plan.rule_text,
                                                       .text = c->plan.rule_text});
}

/* Refuses the connect(), because the rule's `sign` or `random-port` failed. */
static void refuse_connect(struct btnsd *d, struct request *r, const struct connect_attempt *c,
                           int rc, const char *why)
{
    char text[BTNS_TEXT_MAX];
    snprintf(text, sizeof text, "%.300s; %.200s", why, c->plan.rule_text);
    audit_connect(d, c, "denied", -rc);
    answer_verdict(d, r->client, c->q, BTNS_V_DENIED, -rc, 0, text);
}

/* If this host translates, binds the socket to g. */
static int bind_connecting_socket(struct btnsd *d, const struct request *r,
                                  struct connect_attempt *c, const struct guard *g)
{
    if (!translation_by(d))
        return 0;
    c->translated = true;
    c->plan.settled = false;
    return translation_bind(r->fd, c->q->remote.family, g);
}

/* Has this datagram socket asked for the guard before, for the same destination? */
static bool is_connect_repeated(struct btnsd *d, const struct connect_attempt *c,
                                const struct guard *g)
{
    const struct latch *l =
        protocol_is_datagrams(c->q->protocol)
            ? registry_find_flow(d->latches, c->q->cookie, c->from.uid, &c->q->remote)
            : NULL;
    return l && g && l->guard == g && l->state == BTNS_S_ESTABLISHED;
}

static void grant_connect(struct btnsd *d, struct request *r, const struct connect_attempt *c,
                          struct guard *g)
{
    char text[BTNS_TEXT_MAX], both[BTNS_TEXT_MAX];
    const char *words =
        c->translated ? translation_verdict(d, c->plan.rule_text, text) : c->plan.rule_text;
    uint32_t first = first_contact(g, c->q, &words, both);
    answer_verdict(d, r->client, c->q, BTNS_V_PROTECTED, 0, connect_protected_flags(c) | first,
                   words);
}

static void protect_connect(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    struct err err;
    struct guard_want want = connect_wanted_guard(c);
    struct guard *g = guard_want(&d->guards, &want, &err);
    bool repeated = is_connect_repeated(d, c, g);
    if (g && !connect_make_latch(d, c, BTNS_S_ESTABLISHED, g, BTNS_R_NONE, NULL)) {
        want.code = BTNS_R_RESOURCES;
        err_set(&err, "btnsd is out of memory");
        g = NULL;
    }
    if (!g) {
        connect_without_guard(d, r, c, &want, err.text);
        return;
    }
    if (g->state == GS_UP)
        connect_open(r, c, false);
    unanswered_watch(g);
    if (protocol_is_datagrams(c->q->protocol) && translation_by(d)) {
        refuse_connect(d, r, c, -EOPNOTSUPP,
                       "this host translates addresses, and a datagram socket cannot be bound to "
                       "its guard");
        return;
    }
    if (repeated && g->state != GS_UP && c->q->flags & BTNS_F_NONBLOCK) {
        answer_verdict(d, r->client, c->q, BTNS_V_PROTECTED, 0, 0, c->plan.rule_text);
        return;
    }
    int rc = bind_connecting_socket(d, r, c, g);
    if (rc)
        refuse_connect(d, r, c, rc, TRANSLATION_UNBOUND);
    else if (g->state == GS_UP)
        grant_connect(d, r, c, g);
    else
        connect_wait_for_guard(d, r, c, g);
}

static bool connect_needs_protection(const struct plan *p)
{
    return p->action == PLAN_PROTECT || p->action == PLAN_PREFER || p->chained;
}

/* The rule demands protection, which this socket cannot have. */
static void connect_beyond_protection(struct btnsd *d, struct request *r, struct connect_attempt *c,
                                      const char *why)
{
    bool clear = c->plan.action == PLAN_PREFER && !c->plan.chained;
    if (!clear) {
        refuse_connect(d, r, c, -EPROTONOSUPPORT, why);
        return;
    }
    c->plan.action = PLAN_WITHOUT;
    snprintf(c->plan.why, sizeof c->plan.why, "%.200s; %.250s", why, c->plan.rule_text);
    connect_without(d, r, c);
}

/* Sets what the rule demands of the socket itself. False: that failed, and the program is told. */
static bool prepare_connecting_socket(struct btnsd *d, struct request *r,
                                      const struct socket_facts *f, struct connect_attempt *c)
{
    struct err err;
    const struct plan *p = &c->plan;
    if (connect_needs_protection(p) && facts_beyond_protection(f, &err)) {
        connect_beyond_protection(d, r, c, err.text);
        return false;
    }
    int rc = p->chained ? chained_connect(r->fd, f, p->rule, &c->q->remote, &err) : 0;
    if (rc) {
        refuse_connect(d, r, c, rc, err.text);
        return false;
    }
    if (p->chained && p->rule->sign)
        living_keys_note(d,
                         &(struct living_keys_of){.cookie = f->cookie,
                                                  .pid = r->from.pid,
                                                  .uid = r->from.uid,
                                                  .remote = c->q->remote},
                         p->rule->sign);
    if (p->chained && p->rule->sign && p->action == PLAN_CLEAR)
        signatures_connect(d, &c->q->remote, p->rule->sign->file);
    return true;
}

static void connect_by_clear(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    char text[BTNS_TEXT_MAX];
    /* A server's answers, and datagrams that no rule matches, would fill the log. */
    bool news = c->plan.rule || !(c->q->flags & BTNS_F_SENDS);
    if (!c->question.self && news)
        audit_connect(d, c, "clear", 0);
    snprintf(text, sizeof text, "%s%s", c->question.self ? "stays on this host; " : "",
             c->plan.rule_text);
    connect_open(r, c, true);
    answer_verdict(d, r->client, c->q, BTNS_V_CLEAR, 0, connect_cache_flag(&c->plan), text);
}

/* The socket gets no IPsec policy of its own, which would apply to all its destinations. */
static void bypass_connect_datagrams(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    const struct guard_want at = {.local = c->question.rules.local,
                                  .remote = c->q->remote,
                                  .service = {(uint8_t)c->q->protocol, c->q->remote.port}};
    if (connect_is_guarded(d, &at))
        refuse_connect(d, r, c, -EOPNOTSUPP,
                       "the service is protected now, and a datagram socket cannot go past that");
    else
        answer_verdict(d, r->client, c->q, BTNS_V_CLEAR, 0, 0, c->plan.rule_text);
}

static void connect_by_bypass(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    audit_connect(d, c, "bypass", 0);
    if (protocol_is_datagrams(c->q->protocol))
        bypass_connect_datagrams(d, r, c);
    else
        bypass_connect_socket(d, r, c);
}

static void connect_by_refuse(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    audit_connect(d, c, "denied", c->plan.error);
    connect_without(d, r, c);
}

static void connect_by_deny(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    char text[BTNS_TEXT_MAX];
    audit_connect(d, c, "denied", ERRNO_DISCARDED);
    snprintf(text, sizeof text, "discarded by %s", c->plan.rule_text);
    answer_verdict(d, r->client, c->q, BTNS_V_DENIED, ERRNO_DISCARDED, 0, text);
}

static void connect_by_protect(struct btnsd *d, struct request *r, struct connect_attempt *c)
{
    if (c->plan.rule && c->plan.rule->log)
        audit_connect(d, c, "protected", 0);
    protect_connect(d, r, c);
}

static void (*const act[])(struct btnsd *, struct request *, struct connect_attempt *) = {
    [PLAN_CLEAR] = connect_by_clear,    [PLAN_BYPASS] = connect_by_bypass,
    [PLAN_REFUSE] = connect_by_refuse,  [PLAN_WITHOUT] = connect_without,
    [PLAN_DENY] = connect_by_deny,      [PLAN_PROTECT] = connect_by_protect,
    [PLAN_PREFER] = connect_by_protect,
};

static void send_connect_answer(struct btnsd *d, struct request *r, const struct socket_facts *f,
                                struct connect_attempt *c, struct guard *g)
{
    struct err err;
    if (facts_beyond_protection(f, &err)) {
        refuse_connect(d, r, c, -EPROTONOSUPPORT, err.text);
        return;
    }
    if (!connect_answer_fits(c, g, &err)) {
        refuse_connect(d, r, c, -ERRNO_UNPROTECTED, err.text);
        return;
    }
    const char *why = g->state == GS_FAILED ? g->reason : "btnsd is out of memory";
    struct latch *l = g->state == GS_FAILED
                          ? NULL
                          : connect_make_latch(d, c, BTNS_S_ESTABLISHED, g, BTNS_R_NONE, NULL);
    if (l)
        l->accepted = true;
    if (l)
        connect_open(r, c, false);
    answer_verdict(
        d, r->client, c->q, l ? BTNS_V_PROTECTED : BTNS_V_DENIED, l ? 0 : ERRNO_UNPROTECTED,
        l && g->state == GS_UP ? connect_cache_flag(&c->plan) : 0, l ? c->plan.rule_text : why);
}

bool connect_as(struct btnsd *d, struct request *r, struct btns_flow q, const char *program,
                const struct wish *message)
{
    struct socket_facts f;
    struct err err;
    struct connect_attempt c = {.q = &q, .as = program, .message = message};
    if (client_is_waiting(r->client))
        return false; /* a client may not send a second request before the answer */
    int rc = facts_transport(r->fd, &f, &err);
    if (!rc && (f.cookie != q.cookie || !q.remote.family || q.protocol != (uint32_t)f.number))
        return false;
    q.protocol = (uint16_t)f.protocol;
    /*
     * The kernel holds datagrams, so no call has to wait. Exceptions are libbtns, which tells the
     * program its peer, and `btnsctl verify`.
     */
    if (protocol_is_datagrams(f.protocol) && !api_is_type(q.hdr.type) && q.hdr.type != BTNS_REQ_TRY)
        q.flags |= BTNS_F_NONBLOCK;
    if (!rc && f.state != TCP_CLOSE) {
        err_set(&err, "the socket is connected already, or listens");
        rc = -EISCONN;
    }
    if (!rc && f.mark & SOCKET_MARK) { /* set by an earlier attempt */
        socket_policy_mark(r->fd, false);
        f.mark &= ~SOCKET_MARK;
    }
    if (!rc) {
        new_addresses_follow(d);
        rc = connect_look_up(d, r, &f, &c, &err);
    }
    if (rc) {
        answer_verdict(d, r->client, &q, BTNS_V_DENIED, -rc, 0, err.text);
        return true;
    }
    if (!c.own && !protocol_is_datagrams(f.protocol) && registry_next(d->latches, q.cookie, NULL))
        socket_policy_unblock(r->fd); /* an earlier attempt failed; this one is judged anew */
    struct guard *answered = connect_answered_guard(d, &f, &c);
    if (answered) {
        send_connect_answer(d, r, &f, &c, answered);
        return true;
    }
    decision_log(c.plan.rule, POINT_CONNECT, &c.asker, r->from.pid, &q.remote);
    if (prepare_connecting_socket(d, r, &f, &c))
        act[c.plan.action](d, r, &c);
    return true;
}

bool on_connect(struct btnsd *d, struct request *r)
{
    struct btns_flow q; /* a copy: draining other clients overwrites the message's buffer */
    memcpy(&q, r->hdr, sizeof q);
    return connect_as(d, r, q, NULL, NULL);
}

bool on_connect_try(struct btnsd *d, struct request *r)
{
    struct btns_try m;
    memcpy(&m, r->hdr, sizeof m);
    m.program[sizeof m.program - 1] = '\0';
    return m.program[0] == '/' && connect_as(d, r, m.flow, m.program, NULL);
}
