/* Makes the latch of a connection that a program has accepted. */
#include "btnsd/requests/accepted.h"
#include "btnsd/base/intern.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/plan/connect_plan.h"
#include "btnsd/plan/decision_log.h"
#include "btnsd/plan/question.h"
#include "btnsd/requests/listen_latch.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/living_ao_keys.h"
#include "btnsd/state/view_for.h"
#include "btnsd/xfrm/xfrm.h"

#include <string.h>

/*
 * The kernel has enforced the floor already. A connection without a guard is in the clear because a
 * rule only prefers protection, or no rule applies.
 */
void accepted_record(struct btnsd *d, const struct request *r, const struct btns_flow *flow,
                     bool sure)
{
    const struct btns_flow q = *flow;
    struct asker asker;
    struct err err;
    char text[BTNS_TEXT_MAX];
    struct view view;
    if (!q.local.family || !q.remote.family || !protocol_known((int)q.protocol) ||
        protocol_is_datagrams((int)q.protocol) || route_is_this_host(&q.local, &q.remote, NULL) ||
        view_for(d, r->from.uid, q.policy, &view) ||
        asker_look(&view, &r->from, NULL, &asker, &err))
        return;
    const struct question question = question_accept(&asker, (int)q.protocol, &q.local, &q.remote);
    const struct rule *rule = view_decide(&view, &question, NULL);
    decision_log(rule, POINT_ACCEPT, &asker, r->from.pid, &q.remote);
    if (rule && rule->sign)
        living_keys_note(
            d,
            &(struct living_keys_of){
                .cookie = q.cookie, .pid = r->from.pid, .uid = r->from.uid, .remote = q.remote},
            rule->sign);
    const struct service service = {(uint8_t)q.protocol, q.local.port};
    struct guard *g = guard_find(&d->guards, &q.local, &q.remote, service, true);
    if (!g && (!rule || rule->action == ACTION_BYPASS))
        return;
    plan_rule_text(rule, text, sizeof text);
    struct latch *l = listen_latch(d, r, q.cookie, sure, asker.program, text);
    if (!l || l->floor)
        return;
    l->protocol = service.protocol;
    l->local = q.local;
    l->remote = q.remote;
    l->accepted = true;
    intern_set(&l->profile, g && rule ? plan_profile(rule)->name : NULL);
    l->policy = q.policy;
    l->state = g ? BTNS_S_ESTABLISHED : BTNS_S_UNPROTECTED;
    intern_set(&l->reason, g ? NULL : "the peer did not ask for protection");
    l->code = g ? BTNS_R_NONE : BTNS_R_UNPROTECTED;
    latch_set_guard(l, g);
    latch_report(&d->events, l);
}
