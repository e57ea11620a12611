/* Builds the question that rules are asked about a connection. */
#include "btnsd/plan/question.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/keying/beet.h"
#include "btnsd/plan/facts.h"
#include "btnsd/plan/facts_at_once.h"

#include <errno.h>
#include <string.h>

static bool is_question_bound(const struct socket_facts *f, int family)
{
    return f && f->local.family == family && !btns_addr_is_any(&f->local);
}

static struct btns_addr question_address(struct btns_addr a)
{
    a.port = 0;
    return a;
}

int question_connect(const struct guards *guards, const struct view *view, struct asker *asker,
                     const struct socket_facts *f, const struct btns_addr *local,
                     struct connect_question *q, struct err *err)
{
    struct route route;
    const struct btns_addr *remote = &q->rules.remote;
    q->rules.point = POINT_CONNECT;
    if (local)
        q->rules.local = *local;
    asker_fill(asker, &q->rules);
    const struct route_query way = {
        .remote = *remote,
        .protocol = q->rules.protocol,
        .mark = f ? f->mark : 0,
        .ifindex = f ? f->ifindex : 0,
        .tos = f ? f->tos : 0,
        .uid = q->rules.uid,
    };
    int rc = route_at_once(&way, &route);
    if (rc) {
        const char *inner = beet_obstacle(guards, remote, remote); /* its route is btnsd's own */
        err_set(err, "no route: %s%s%s", strerror(-rc), inner ? ": " : "", inner ? inner : "");
        return rc;
    }
    if (!local)
        q->rules.local = is_question_bound(f, (int)remote->family) ? f->local : route.local;
    q->foreign = !local && is_question_bound(f, (int)remote->family) && !f->ifindex &&
                 !btns_addr_is_link_local(&f->local) && !facts_may_bind(&f->local);
    q->self = route_is_this_host(&q->rules.local, remote, &route);
    q->group = route.multicast;
    asker_fill_way(guards->peers, view, &route, asker, &q->rules);
    const struct btns_addr host = question_address(*remote);
    q->inner = btns_addr_is_inner(remote) && !q->self;
    q->unreachable = q->inner ? beet_obstacle(guards, &q->rules.local, &host) : NULL;
    q->known = guards->peers && peers_by_addr(guards->peers, &host);
    q->no_latch = guards_no_latch(guards, &host, NULL, &q->no_latch_why);
    return 0;
}

struct question question_accept(const struct asker *asker, int protocol,
                                const struct btns_addr *local, const struct btns_addr *remote)
{
    struct question q = {.point = POINT_ACCEPT, .protocol = protocol, .local = *local};
    if (remote)
        q.remote = *remote;
    asker_fill(asker, &q);
    return q;
}
