/* A connect() is looked into: its caller, its way, its rule; and its latch noted. */
#include "btnsd/requests/connect_facts.h"
#include "btnsd/base/intern.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/registry/events.h"
#include "btnsd/running/lost_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

int call_look(struct btnsd *d, struct request *r, const struct socket_facts *f, struct call *c,
              struct err *err)
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
    about_service(r->client, c->plan.profile ? c->plan.profile->name : "");
    return 0;
}

struct latch *call_note(struct btnsd *d, const struct call *c, enum btns_state state,
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

struct guard_want call_want(const struct call *c)
{
    return (struct guard_want){
        .local = c->local,
        .remote = c->q->remote,
        .port = c->q->remote.port,
        .suite = c->plan.suite,
        .demand = &c->plan.profile->who,
        .source = &c->plan.profile->source,
        .hold = !c->sure || c->q->flags & BTNS_F_NONBLOCK,
    };
}
