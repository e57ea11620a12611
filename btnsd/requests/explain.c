/* btnsctl explain: makes the decision for a connect() or listen() without carrying it out. */
#include "btnsd/requests/explain.h"

#include "btnsd/latch/guard/want.h"
#include "btnsd/plan/listen_plan.h"
#include "btnsd/requests/answer.h"
#include "btnsd/state/view_for.h"
#include "libapi/wire/refusal.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <string.h>

static void explain_by_plan(char *text, size_t size, const struct plan *p, bool self)
{
    static const char *const what[] = {
        [PLAN_CLEAR] = "goes in the clear",
        [PLAN_PROTECT] = "is protected, or fails",
        [PLAN_PREFER] = "is protected where that can be had",
        [PLAN_DENY] = "is refused",
        [PLAN_BYPASS] = "goes in the clear around any guard",
        [PLAN_REFUSE] = "is refused",
        [PLAN_WITHOUT] = "goes in the clear",
    };
    char trust[BTNS_TEXT_MAX];
    if (p->why[0])
        snprintf(text, size, "%s: %s", what[p->action], p->why);
    else if (self && p->action == PLAN_CLEAR)
        snprintf(text, size, "stays on this host, untouched; %s", p->rule_text);
    else if (p->profile)
        snprintf(text, size, "%s, by %s; profile \"%s\": esp %s %s, %s", what[p->action],
                 p->rule_text, p->profile->name, profile_mode(p->profile), p->suite->name,
                 plan_trust(p->profile, trust));
    else
        snprintf(text, size, "%s; %s", what[p->action], p->rule_text);
}

static const enum btns_verdict verdicts[] = {
    [PLAN_CLEAR] = BTNS_V_CLEAR,         [PLAN_PROTECT] = BTNS_V_PROTECTED,
    [PLAN_PREFER] = BTNS_V_PROTECTED,    [PLAN_DENY] = BTNS_V_DENIED,
    [PLAN_BYPASS] = BTNS_V_CLEAR,        [PLAN_REFUSE] = BTNS_V_DENIED,
    [PLAN_WITHOUT] = BTNS_V_UNPROTECTED,
};

int explain_plan(struct btnsd *d, const struct request *r, const struct view *view,
                 const struct btns_explain *m, struct asker *a, struct asked *asked,
                 struct err *err)
{
    bool accept = m->flags & BTNS_F_ACCEPT;
    int protocol = m->protocol ? (int)m->protocol : PROTOCOL_UNSAID;
    asked->connect = (struct connect_question){.rules = {.protocol = protocol, .remote = m->remote},
                                               .flags = m->flags};
    if (!accept)
        return connect_plan(d, r, view, a, NULL, &asked->connect, &asked->plan, err);
    asked->connect.rules = question_accept(a, protocol, &m->remote, NULL);
    return 0;
}

static enum plan_action explain_accept(const struct view *view, const struct asked *asked,
                                       uint32_t flags, struct client *c, char *text, size_t size)
{
    static struct listening l; /* large */
    const struct question *q = &asked->connect.rules;
    bool both = q->local.family == AF_INET6 && btns_addr_is_any(&q->local);
    int rc = listening_plan(view, q, both, flags, &l);
    if (rc) {
        snprintf(text, size, "%s", listening_error(&l, rc));
        return PLAN_DENY;
    }
    answer_about_service(c, listening_service(&l));
    return listening_say(&l, text, size);
}

/* A connection that the rules would protect is refused while the service's guard has failed. */
static bool explain_guard(const struct btnsd *d, const struct asked *asked, char *text, size_t size)
{
    const struct question *q = &asked->connect.rules;
    const struct plan *p = &asked->plan;
    struct err why;
    if (p->action != PLAN_PROTECT && p->action != PLAN_PREFER)
        return false;
    struct guard_want want = {
        .local = q->local,
        .remote = q->remote,
        .service = {(uint8_t)(q->protocol < 0 ? IPPROTO_TCP : q->protocol), q->remote.port},
        .source = &p->profile->source,
    };
    if (!guard_would_refuse(&d->guards, &want, &why))
        return false;
    snprintf(text, size, "is refused: %.400s; %.400s", why.text, p->rule_text);
    return true;
}

static bool refuse_explain_question(struct btnsd *d, struct request *r, int error, const char *why)
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
    struct err err;
    const struct btns_flow q = {.hdr = m->hdr};
    if (!m->remote.family || m->program[0] != '/')
        return refuse_explain_question(d, r, EINVAL,
                                       "an absolute program path and an address are needed");
    int rc = explain_plan(d, r, view, m, a, &asked, &err);
    if (rc)
        return refuse_explain_question(d, r, -rc, err.text);
    enum plan_action action = asked.plan.action;
    int error = asked.plan.error;
    if (m->flags & BTNS_F_ACCEPT) {
        action = explain_accept(view, &asked, m->flags, r->client, text, sizeof text);
        error = action == PLAN_DENY ? ERRNO_DISCARDED : 0;
    } else {
        explain_by_plan(text, sizeof text, &asked.plan, asked.connect.self);
        if (explain_guard(d, &asked, text, sizeof text)) {
            action = PLAN_REFUSE;
            error = ERRNO_UNPROTECTED;
        }
    }
    answer_verdict(d, r->client, &q, verdicts[action], error, false, text);
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
        return refuse_explain_question(d, r, ENOENT, unknown);
    if (asker_look(&view, &r->from, m.program, &a, &err))
        return refuse_explain_question(d, r, EINVAL, err.text);
    return explain_with(d, r, &m, &view, &a);
}
