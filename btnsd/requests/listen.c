/* Answers a program that is about to listen: makes the floor under its socket, and its latch. */
#include "btnsd/requests/listen.h"
#include "btnsd/base/intern.h"
#include "btnsd/base/log.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/plan/decision_log.h"
#include "btnsd/plan/listen_plan.h"
#include "btnsd/plan/question.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/gate.h"
#include "btnsd/requests/listen_latch.h"
#include "btnsd/requests/request_sender.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/early_floors.h"
#include "btnsd/running/floor_checks.h"
#include "btnsd/running/listener_keys.h"
#include "btnsd/running/lost_sockets.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/running/signatures.h"
#include "btnsd/state/sockets_of.h"
#include "btnsd/state/view_for.h"
#include "btnsd/xfrm/xfrm.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

/* A listener's request and its plan. */
struct hearing {
    struct btns_flow q;
    struct socket_facts socket;
    struct asker asker;
    struct listening plan;
    char rule[BTNS_TEXT_MAX];
    enum btns_verdict verdict;
    bool own_policy; /* the program has asked only whether it could set a policy that bypasses */
};

static struct floor_request floor_request_of(const struct request *r, const struct hearing *h)
{
    return (struct floor_request){.uid = r->from.uid,
                                  .owner = h->socket.owner,
                                  .cookie = h->q.cookie,
                                  .protocol = (uint8_t)h->socket.protocol,
                                  .local = h->socket.local,
                                  .v6only = h->socket.v6only};
}

/* May the socket have a floor? A floor is for a port: it blocks packets to every program there. */
static int may_listener_have_floor(struct btnsd *d, const struct request *r,
                                   const struct hearing *h, struct err *err)
{
    const struct floor_request wanted = floor_request_of(r, h);
    if (h->socket.ifindex && r->from.uid) {
        err_set(err, "a socket that is bound to an interface cannot be protected: the port is "
                     "other users' on other interfaces");
        return -EOPNOTSUPP;
    }
    struct sockdiag *sockets = sockets_of(d, wanted.protocol);
    int rc = other_users_are_covered(sockets, &wanted);
    if (rc) {
        err_set(err,
                rc > 0 ? "port %u is in use by another user's program, too: what protects "
                         "yours would block theirs"
                       : "whose programs use port %u cannot be told",
                h->socket.local.port);
        return rc > 0 ? -EADDRINUSE : rc;
    }
    early_floors_yield(d, &wanted);
    return 0;
}

static int make_listener_floor(struct btnsd *d, const struct request *r, struct hearing *h,
                               struct err *err)
{
    struct floor *floor = NULL;
    const struct btns_addr *local = &h->socket.local;
    if (listening_blocks(&h->plan)) {
        int rc = may_listener_have_floor(d, r, h, err);
        if (rc)
            return rc;
        const struct floor_plan plan = listening_floor(&h->plan, local);
        floor = floor_get(&d->floors, &plan, err);
        if (!floor)
            return -EADDRINUSE;
    }
    struct latch *latch = listen_latch(d, r, h->q.cookie, true, h->asker.program, h->rule);
    if (!latch)
        err_set(err, "btnsd is out of memory");
    if (!latch || !registry_listens(d->latches, latch, err)) {
        if (floor)
            floor_release(floor);
        if (latch && !latch->floor)
            registry_drop(d->latches, latch);
        return -ENOMEM;
    }
    if (latch->floor)
        floor_release(latch->floor); /* the program calls listen() again on the same socket */
    latch->floor = floor;
    if (floor && floor->listeners == 1)
        serve_review_service(&d->guards, floor_service(floor), BTNS_R_RULE);
    latch->state = BTNS_S_LISTENER;
    latch->policy = h->q.policy;
    latch->wish = h->q.flags;
    latch->v6only = h->socket.v6only;
    latch->protocol = (uint8_t)h->socket.protocol;
    latch->local = *local;
    listener_keys_note(latch, &h->plan);
    const struct floor_request wanted = floor_request_of(r, h);
    /* A datagram socket receives from the moment it is bound. */
    bool hears = h->socket.state == TCP_LISTEN || protocol_is_datagrams(h->socket.protocol);
    if (floor && !hears && !early_floor_begin(d, &wanted, r->fd, r->from.pid, err)) {
        registry_drop(d->latches, latch);
        return -EAGAIN;
    }
    if (floor)
        floor_checks_expect(d);
    latch_report(&d->events, latch);
    h->verdict = BTNS_V_PROTECTED;
    return 0;
}

/*
 * Does what the plan says: refuses, sets the socket's keys, or makes its floor. own: the program
 * sets the socket's policy itself; shut: the socket was shut until now.
 */
static int listen_as_planned(struct btnsd *d, const struct request *r, struct hearing *h, bool own,
                             bool shut, struct err *err)
{
    if (listening_refused(&h->plan)) {
        err_set(err, "discarded by %.400s", h->rule);
        return -EACCES;
    }
    if ((listening_blocks(&h->plan) || h->plan.signs) && facts_beyond_protection(&h->socket, err))
        return -EPROTONOSUPPORT;
    if (h->socket.number != h->socket.protocol)
        return 0;
    int rc = listener_keys_set(r->fd, h->socket.family, &h->plan, err);
    if (rc)
        return rc;
    if (h->plan.signs)
        signatures_listen(d);
    h->own_policy = own && !listening_blocks(&h->plan);
    bool blocked = early_floor_end(d, h->q.cookie, r->from.uid);
    rc = listening_untouched(&h->plan) ? 0 : make_listener_floor(d, r, h, err);
    if (!rc && blocked)
        socket_policy_unblock(r->fd); /* early_floors.c blocked it; now its floor stands again */
    if (!rc && shut)
        rc = shut_socket_answered(r->fd, h->socket.protocol, listening_untouched(&h->plan));
    return rc;
}

static int listen_for(struct btnsd *d, const struct request *r, struct hearing *h, struct err *err)
{
    const struct btns_addr *local = &h->socket.local;
    struct view view;
    const char *unknown = view_for(d, r->from.uid, h->q.policy, &view);
    bool shut = view_for_socket(d, h->socket.cookie, &view);
    if (unknown) {
        err_set(err, "%s", unknown);
        return -ENOENT;
    }
    int rc = request_read_sender(r, &view, &h->asker, err);
    if (rc)
        return rc;
    const struct service own_service = {(uint8_t)h->socket.protocol, local->port};
    if (service_is_ike(own_service)) {
        snprintf(h->rule, sizeof h->rule, "%s", IKE_PORTS_TEXT);
        return 0;
    }
    if (!local->port) { /* port 0 in an SPD selector means every port */
        err_set(err, "the socket is not bound to a port");
        return -EADDRNOTAVAIL;
    }
    bool own = h->q.flags & BTNS_F_BYPASS && !gate_is_root(r->from.uid, r->opener.uid);
    if (own && !(h->q.flags & BTNS_F_OWN_POLICY)) {
        err_set(err, "--bypass needs root or CAP_NET_ADMIN (latching -02, section 3)");
        return -EPERM;
    }
    const struct question question = question_accept(&h->asker, h->socket.protocol, local, NULL);
    bool both = local->family == AF_INET6 && !h->socket.v6only && btns_addr_is_any(local);
    rc = listening_plan(&view, &question, both, h->q.flags, &h->plan);
    if (rc) {
        err_set(err, "%s", listening_error(&h->plan, rc));
        return rc;
    }
    answer_about_service(r->client, listening_service(&h->plan));
    listening_rule_text(&h->plan, h->rule, sizeof h->rule);
    for (size_t i = 0; i < h->plan.sides; i++)
        if (!i || h->plan.side[i].rule != h->plan.side[0].rule)
            decision_log(h->plan.side[i].rule, POINT_ACCEPT, &h->asker, r->from.pid, local);
    return listen_as_planned(d, r, h, own, shut, err);
}

static void audit_listen(struct btnsd *d, const struct request *r, const struct hearing *h, int rc,
                         const char *why)
{
    if (!rc && (h->verdict != BTNS_V_CLEAR || h->plan.self))
        return;
    audit_decision(&d->audit,
                   &(struct audit_decision){.verdict = rc ? "denied" : "clear",
                                            .error = -rc,
                                            .point = POINT_ACCEPT,
                                            .uid = r->from.uid,
                                            .pid = r->from.pid,
                                            .program = h->asker.program,
                                            .address = &h->socket.local,
                                            .rule = h->plan.sides ? h->plan.side[0].rule : NULL,
                                            .rule_text = h->rule,
                                            .text = why});
}

/* A program whose listener is latched may count what it accepts there (accept_scan.h). */
static uint32_t listen_answer_flags(const struct hearing *h)
{
    return (h->own_policy ? BTNS_VF_OWN_POLICY : 0) |
           (h->verdict == BTNS_V_PROTECTED ? BTNS_VF_CACHE : 0);
}

bool listen_as(struct btnsd *d, struct request *r, const struct btns_flow *q)
{
    static struct hearing h; /* large */
    struct err err = {""};
    h.verdict = BTNS_V_CLEAR;
    h.own_policy = false;
    h.rule[0] = '\0';
    h.q = *q;
    int rc = facts_transport(r->fd, &h.socket, &err);
    if (!rc && h.socket.cookie != h.q.cookie)
        return false;
    if (!rc && h.socket.state != TCP_CLOSE && h.socket.state != TCP_LISTEN) {
        err_set(&err, "a socket that is connected cannot listen");
        rc = -EINVAL;
    }
    if (!rc)
        rc = listen_for(d, r, &h, &err);
    if (!rc || rc == -EACCES)
        audit_listen(d, r, &h, rc, rc ? err.text : h.rule);
    if (rc)
        answer_verdict(d, r->client, &h.q, BTNS_V_DENIED, -rc, false, err.text);
    else
        answer_verdict(d, r->client, &h.q, h.verdict, 0, listen_answer_flags(&h), h.rule);
    return true;
}

bool on_listen(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    memcpy(&q, r->hdr, sizeof q);
    return listen_as(d, r, &q);
}
