/* What would happen: the same decision as for a real connect() or listen(), and nothing done. */
#include "facts.h"
#include "listening.h"
#include "requests.h"

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
    };
    if (self && p->action == PLAN_CLEAR)
        snprintf(text, size, "stays on this host, untouched; %s", p->rule_text);
    else if (p->profile)
        snprintf(text, size, "%s, by %s; profile \"%s\": esp transport %s, identity %s",
                 what[p->action], p->rule_text, p->profile->name, p->suite->name,
                 identity_name(p->profile->identity));
    else
        snprintf(text, size, "%s; %s", what[p->action], p->rule_text);
}

static bool is_self(const struct btns_addr *a)
{
    struct route route;
    return btns_addr_is_loopback(a) || (!route_lookup(a, 0, 0, &route) && route.to_self);
}

static const enum btns_verdict verdicts[] = {
    [PLAN_CLEAR] = BTNS_V_CLEAR,
    [PLAN_PROTECT] = BTNS_V_PROTECTED,
    [PLAN_PREFER] = BTNS_V_PROTECTED,
    [PLAN_DENY] = BTNS_V_DENIED,
};

static enum plan_action explain_connect(const struct view *view, struct question *q, uint32_t flags,
                                        char *text, size_t size)
{
    struct plan plan;
    bool self = is_self(&q->remote);
    plan_connect(view, q, flags, self, &plan);
    say(text, size, &plan, self);
    return plan.action;
}

static enum plan_action explain_accept(const struct view *view, struct question *q, uint32_t flags,
                                       char *text, size_t size)
{
    static struct listening l; /* large */
    bool both = q->local.family == AF_INET6 && btns_addr_is_any(&q->local);
    int rc = listening_plan(view, q, both, flags, &l);
    if (rc) {
        snprintf(text, size, "too many rules apply to this listener");
        return PLAN_DENY;
    }
    return listening_say(&l, text, size);
}

bool on_explain(struct btnsd *d, struct request *r)
{
    struct btns_explain m;
    char text[BTNS_TEXT_MAX];
    memcpy(&m, r->hdr, sizeof m);
    m.program[sizeof m.program - 1] = '\0';
    bool accept = m.flags & BTNS_F_ACCEPT;
    struct btns_flow q = {.hdr = m.hdr};
    struct view view;
    bool known = view_for(d, r->from.uid, m.policy, &view);
    if (!known || !m.remote.family || m.program[0] != '/') {
        answer_verdict(d, r->client, &q, BTNS_V_DENIED, EINVAL, false,
                       known ? "an absolute program path and an address are needed"
                             : "no such policy of yours");
        return true;
    }
    struct question question = {.point = accept ? POINT_ACCEPT : POINT_CONNECT,
                                .program = m.program,
                                .protocol = IPPROTO_TCP};
    *(accept ? &question.local : &question.remote) = m.remote;
    enum plan_action action =
        (accept ? explain_accept : explain_connect)(&view, &question, m.flags, text, sizeof text);
    answer_verdict(d, r->client, &q, verdicts[action], action == PLAN_DENY ? EACCES : 0, false,
                   text);
    return true;
}
