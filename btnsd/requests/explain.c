/* What would happen: the same decision as for a real connect() or listen(), and nothing done. */
#include "btnsd/requests/explain.h"

#include "btnsd/plan/listen_plan.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static void say(char *text, size_t size, const struct plan *p, bool self)
{
    static const char *const what[] = {
        [PLAN_CLEAR] = "goes in the clear",
        [PLAN_PROTECT] = "is protected, or fails",
        [PLAN_PREFER] = "is protected where that can be had",
        [PLAN_DENY] = "is refused",
        [PLAN_BYPASS] = "goes in the clear around any guard, for root and who has CAP_NET_ADMIN",
    };
    char trust[BTNS_TEXT_MAX];
    if (self && p->action == PLAN_CLEAR)
        snprintf(text, size, "stays on this host, untouched; %s", p->rule_text);
    else if (p->profile)
        snprintf(text, size, "%s, by %s; profile \"%s\": esp transport %s, %s", what[p->action],
                 p->rule_text, p->profile->name, p->suite->name, plan_trust(p->profile, trust));
    else
        snprintf(text, size, "%s; %s", what[p->action], p->rule_text);
}

static const enum btns_verdict verdicts[] = {
    [PLAN_CLEAR] = BTNS_V_CLEAR,      [PLAN_PROTECT] = BTNS_V_PROTECTED,
    [PLAN_PREFER] = BTNS_V_PROTECTED, [PLAN_DENY] = BTNS_V_DENIED,
    [PLAN_BYPASS] = BTNS_V_CLEAR,
};

void explain_question(const struct btnsd *d, const struct view *view, const struct btns_explain *m,
                      struct asker *a, struct asked *asked)
{
    struct route route = {.ifindex = 0};
    struct question *q = &asked->question;
    bool accept = m->flags & BTNS_F_ACCEPT;
    *q = (struct question){.point = accept ? POINT_ACCEPT : POINT_CONNECT,
                           .protocol = (int)m->protocol};
    *(accept ? &q->local : &q->remote) = m->remote;
    asker_fill(a, q);
    asked->self = false;
    if (accept)
        return;
    bool routed = !route_lookup(&m->remote, 0, 0, &route);
    asked->self = btns_addr_is_loopback(&m->remote) || (routed && route.to_self);
    q->local = route.local;
    asker_fill_way(d, view, &route, a, q);
}

static enum plan_action explain_connect(const struct view *view, const struct asked *asked,
                                        uint32_t flags, struct client *c, char *text, size_t size)
{
    struct plan plan;
    plan_connect(view, &asked->question, flags, asked->self, &plan);
    about_service(c, plan.profile ? plan.profile->name : "");
    say(text, size, &plan, asked->self);
    return plan.action;
}

static enum plan_action explain_accept(const struct view *view, const struct asked *asked,
                                       uint32_t flags, struct client *c, char *text, size_t size)
{
    static struct listening l; /* large */
    const struct question *q = &asked->question;
    bool both = q->local.family == AF_INET6 && btns_addr_is_any(&q->local);
    int rc = listening_plan(view, q, both, flags, &l);
    if (rc) {
        snprintf(text, size, "%s", listening_error(rc));
        return PLAN_DENY;
    }
    about_service(c, listening_service(&l));
    return listening_say(&l, text, size);
}

static bool refuse(struct btnsd *d, struct request *r, int error, const char *why)
{
    const struct btns_flow q = {.hdr = *r->hdr};
    answer_verdict(d, r->client, &q, BTNS_V_DENIED, error, false, why);
    return true;
}

bool explain_with(struct btnsd *d, struct request *r, const struct btns_explain *m,
                  const struct view *view, struct asker *a)
{
    struct asked asked;
    char text[BTNS_TEXT_MAX];
    const struct btns_flow q = {.hdr = m->hdr};
    if (!m->remote.family || m->program[0] != '/')
        return refuse(d, r, EINVAL, "an absolute program path and an address are needed");
    explain_question(d, view, m, a, &asked);
    asked.question.protocol = IPPROTO_TCP;
    enum plan_action action = (m->flags & BTNS_F_ACCEPT ? explain_accept : explain_connect)(
        view, &asked, m->flags, r->client, text, sizeof text);
    answer_verdict(d, r->client, &q, verdicts[action], action == PLAN_DENY ? EACCES : 0, false,
                   text);
    return true;
}

bool on_explain(struct btnsd *d, struct request *r)
{
    static struct asker a; /* large */
    struct btns_explain m;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    m.program[sizeof m.program - 1] = '\0';
    struct view view;
    const char *unknown = view_for(d, r->from.uid, m.policy, &view);
    if (unknown)
        return refuse(d, r, ENOENT, unknown);
    if (asker_look(&view, &r->from, m.program, &a, &err))
        return refuse(d, r, EINVAL, err.text);
    return explain_with(d, r, &m, &view, &a);
}
