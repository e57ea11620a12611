/* Somebody asks for a guard that is there: is whom it has good enough for him, too? */
#include "btnsd/latch/admission/joins.h"

#include "btnsd/latch/admission/applicant.h"

#include <stdlib.h>

/* The newcomer asks for more than the guard was made with, so from now on that holds. */
static bool ask_more(struct guard *g, const struct demand *demand, struct err *err)
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

/* Is whom the guard has, or will have, good enough for this demand as well? */
bool guard_fits(struct guard *g, const struct demand *demand, struct err *err)
{
    const struct applicant is = {&g->local, &g->remote, &g->key, g->cert};
    struct err why = {""};
    bool keyed = g->has_key && (g->ever_up || g->state != GS_INTRODUCING);
    if (keyed && !guards_admit(g->all, &is, POINT_CONNECT, g->service, demand, &why)) {
        err_set(err, "this service is latched already: %.440s", why.text);
        return false;
    }
    if (g->demand && demand_covers(g->demand, demand))
        return true;
    if (!g->demand || keyed || demand_covers(demand, g->demand))
        return !g->demand || !demand_covers(demand, g->demand) || ask_more(g, demand, err);
    err_set(err, "this service is just being asked for with another identity: try again");
    return false;
}
