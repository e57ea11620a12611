/*
 * May the program have a connection that may be older than its listener's floor? An inherited
 * listener (socket activation, inetd) accepted connections before any program asked about it.
 */
#include "btnsd/latch/guard/table.h"
#include "btnsd/plan/connect_plan.h"
#include "btnsd/plan/decision_log.h"
#include "btnsd/plan/facts.h"
#include "btnsd/plan/question.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/state/view_for.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <string.h>

/* Reads both addresses from the socket itself. */
static int read_accepted_ends(int fd, struct socket_facts *f, struct btns_addr *remote,
                              struct err *err)
{
    int rc = facts_socket(fd, f, err);
    if (rc)
        return rc;
    if (facts_peer(fd, remote))
        return 0;
    err_set(err, "the connection is gone already");
    return -ENOTCONN;
}

/*
 * Does a guard protect the connection? An inherited one may also have been made by a program here,
 * as a client.
 */
static bool accepted_is_guarded(struct btnsd *d, const struct socket_facts *f,
                                const struct btns_addr *remote)
{
    const struct guard *g = guard_of(&d->guards, (uint8_t)f->protocol, &f->local, remote);
    return g && g->state == GS_UP && f->number == f->protocol;
}

static void answer_may_accept(struct btnsd *d, struct request *r, const struct btns_flow *q,
                              enum plan_action action, const char *rule)
{
    char text[BTNS_TEXT_MAX];
    switch (action) {
    case PLAN_DENY:
        snprintf(text, sizeof text, "discarded by %.400s", rule);
        answer_verdict(d, r->client, q, BTNS_V_DENIED, ERRNO_DISCARDED, 0, text);
        break;
    case PLAN_PROTECT:
        snprintf(
            text, sizeof text,
            "it came in without protection, before the program asked; %.300s demands protection",
            rule);
        answer_verdict(d, r->client, q, BTNS_V_DENIED, ERRNO_UNPROTECTED, 0, text);
        break;
    case PLAN_PREFER:
        answer_verdict(d, r->client, q, BTNS_V_UNPROTECTED, 0, 0,
                       "the peer did not ask for protection");
        break;
    default:
        answer_verdict(d, r->client, q, BTNS_V_CLEAR, 0, 0, rule);
    }
}

static int decide_may_accept(struct btnsd *d, struct request *r, const struct btns_flow *q,
                             const struct socket_facts *f, const struct btns_addr *remote,
                             struct err *err)
{
    struct asker asker;
    struct view view;
    char text[BTNS_TEXT_MAX];
    const char *unknown = view_for(d, r->from.uid, q->policy, &view);
    if (unknown) {
        err_set(err, "%s", unknown);
        return -ENOENT;
    }
    int rc = asker_look(&view, &r->from, NULL, &asker, err);
    if (rc)
        return rc;
    const struct question question = question_accept(&asker, f->protocol, &f->local, remote);
    const struct rule *rule = view_decide(&view, &question, NULL);
    decision_log(rule, POINT_ACCEPT, &asker, r->from.pid, remote);
    plan_rule_text(rule, text, sizeof text);
    if (route_is_this_host(&f->local, remote, NULL))
        answer_verdict(d, r->client, q, BTNS_V_CLEAR, 0, 0, "it comes from this host");
    else if (accepted_is_guarded(d, f, remote))
        answer_verdict(d, r->client, q, BTNS_V_PROTECTED, 0, 0, text);
    else
        answer_may_accept(d, r, q, plan_wish(rule, view_binds(&view, &question, rule), q->flags),
                          text);
    return 0;
}

bool on_may_accept(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    struct btns_addr remote;
    struct socket_facts f;
    struct err err = {""};
    memcpy(&q, r->hdr, sizeof q);
    int rc = read_accepted_ends(r->fd, &f, &remote, &err);
    if (!rc && f.cookie != q.cookie)
        return false;
    if (!rc)
        rc = decide_may_accept(d, r, &q, &f, &remote, &err);
    if (rc)
        answer_verdict(d, r->client, &q, BTNS_V_DENIED, -rc, 0, err.text);
    return true;
}
