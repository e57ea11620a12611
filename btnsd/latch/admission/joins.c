/* May this caller share the guard, given the peer that the guard is latched to? */
#include "btnsd/latch/admission/joins.h"

#include "btnsd/latch/admission/applicant.h"

#include <stdlib.h>

/* Gives the guard the new demand, which is stricter than its own. */
static bool join_asks_more(struct guard *g, const struct demand *demand, struct err *err)
{
    struct demand *more = demand_copy(demand);
    if (!more) {
        err_set(err, "out of memory");
        return false;
    }
    free(g->demand);
    g->demand = more;
    return true;
}

bool joins_fits(struct guard *g, const struct demand *demand, struct err *err)
{
    const struct applicant is = {&g->local, &g->remote, &g->key, g->cert};
    struct err why = {""};
    bool keyed = g->has_key && (g->ever_up || g->state != GS_INTRODUCING);
    if (keyed && !applicant_fits(g->all, &is, POINT_CONNECT, g->service, demand, &why)) {
        err_set(err, "this service is latched already: %.440s", why.text);
        return false;
    }
    if (g->demand && demand_covers(g->demand, demand))
        return true;
    if (!g->demand || keyed || demand_covers(demand, g->demand))
        return !g->demand || !demand_covers(demand, g->demand) || join_asks_more(g, demand, err);
    err_set(
        err,
        "another program is connecting to this service and asks for another identity: try again");
    return false;
}
