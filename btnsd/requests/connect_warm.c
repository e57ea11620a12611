/* A warm connect(): the program used a cached verdict, and its guard exists. */
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/keying/unanswered.h"
#include "btnsd/requests/connect_facts.h"
#include "btnsd/running/translation.h"
#include "btnsd/server/epoch.h"

#include <string.h>

bool on_connecting(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    struct err err;
    struct connect_attempt c = {.q = &q};
    memcpy(&q, r->hdr, sizeof q);
    if (!q.remote.family || !q.remote.port || !protocol_known((int)q.protocol) ||
        protocol_is_datagrams((int)q.protocol) || /* datagrams are not announced */
        connect_look_up(d, r, NULL, &c, &err))
        return true;
    /*
     * The verdict that the program relied on is out of date if it forbids a latch now, or if
     * protection has just failed. The program's packets may be on their way, so they get a guard
     * all the same, and its next connect() asks.
     */
    bool outdated = c.plan.profile && c.plan.code != BTNS_R_NONE;
    if (c.plan.action != PLAN_PROTECT && c.plan.action != PLAN_PREFER && !outdated)
        return true;
    if (outdated)
        epoch_move(d->epoch);
    translation_by(d); /* searches again: if something translates, the next connect() asks */
    struct guard_want want = connect_wanted_guard(&c);
    struct guard *g = guard_find(&d->guards, &want.local, &want.remote, want.service, false);
    if (g) {
        guard_want_again(g);
        unanswered_watch(g);
    } else { /* the route has changed: packets sent so far cannot be stopped, later ones are */
        epoch_move(d->epoch);
        g = guard_want(&d->guards, &want, &err);
    }
    connect_make_latch(d, &c, g ? BTNS_S_ESTABLISHED : BTNS_S_CLOSED, g,
                       g ? BTNS_R_NONE : want.code, g ? NULL : err.text);
    return true;
}
