/* After a reload: latches that the new rules would discard are closed (latching -08, section 2.2).
 */
#include "asker.h"
#include "latch/report.h"
#include "log.h"
#include "plan.h"
#include "requests.h"
#include "reset.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/*
 * Would its program be refused this connection now? Whatever else the rules say, what is latched
 * stays as it is: latched parameters do not change (L12).
 */
static bool is_withdrawn(struct btnsd *d, const struct latch *l, struct plan *plan)
{
    static struct asker asker; /* large */
    const struct ucred who = {.pid = l->pid, .uid = l->uid};
    struct view view;
    struct route route;
    struct err err;
    if (view_for(d, l->uid, l->policy, &view) || asker_look(&view, &who, NULL, &asker, &err) ||
        route_lookup(&l->remote, 0, 0, &route))
        return false;
    struct question q = {.point = POINT_CONNECT,
                         .protocol = IPPROTO_TCP,
                         .local = l->guard->local,
                         .remote = l->remote};
    asker_fill(&asker, &q);
    asker_fill_way(d, &view, &route, &asker, &q);
    plan_connect(&view, &q, 0, false, plan);
    return plan->action == PLAN_DENY;
}

static void look_at(void *arg, struct latch *l)
{
    struct btnsd *d = arg;
    struct plan plan;
    char text[BTNS_TEXT_MAX];
    if (!l->guard || l->guard->mirror || l->pid <= 0 || !is_withdrawn(d, l, &plan))
        return;
    int rc = reset_connection(d, l);
    if (rc) { /* protected as before, which is less than was asked for: say so */
        log_note("a connection of %s to what is discarded now could not be ended: %s", l->program,
                 strerror(-rc));
        return;
    }
    snprintf(text, sizeof text, "discarded now by %s", plan.rule_text);
    l->state = BTNS_S_CLOSED;
    l->code = BTNS_R_RULE;
    l->reason = intern(text);
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

void withdraw_latches(struct btnsd *d)
{
    if (d->latches)
        registry_each(d->latches, look_at, d);
}
