/* Gives a guard the suite that a new request asks for, if latches allow that. */
#include "btnsd/latch/guard/raise_suite.h"

#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/search.h"

/*
 * May g's suite change while no SA is up? A stronger suite serves the other waiting requests, too;
 * any other suite is only for root.
 */
static bool attempt_may_change(const struct guard *g, const struct guard_want *want)
{
    return suite_serves(want->suite, g->asked) || !want->uid || (!g->waiters && !g->latches);
}

/*
 * Is nothing latched with g's suite any more? For connections that no program has, such as
 * TIME_WAITs, the kernel may send with another suite that is as strong.
 */
static bool suite_may_change(struct guard *g, const struct guard_want *want)
{
    const struct guards *gs = g->all;
    if (!g->ever_up)
        return attempt_may_change(g, want);
    if (g->latches &&
        !(gs->ops->displace && gs->ops->displace(gs->arg, g, want->uid, want->suite->name)))
        return false;
    return !g->latches && !guard_has_programs(g);
}

/* Starts the attempt again with the suite that is asked for now, and the same peer key. */
static bool attempt_again(struct guard *g, const struct suite *suite)
{
    bool keyed = g->has_key && g->state != GS_INTRODUCING;
    const struct pair *pair =
        keyed ? pair_get(&g->all->pairs, &g->key, pair_label(suite->name, g->certified)) : NULL;
    if (keyed && !pair)
        return false;
    if (keyed && g->state != GS_CLOSING && g->keying->close)
        g->keying->close(g); /* the child SA with the other suite */
    g->asked = g->suite = suite;
    if (!keyed)
        return true;
    guard_set_reqid(g, pair->reqid);
    g->sas = 0;
    g->introduced = false;
    g->tries = 0;
    if (g->state == GS_UP)
        guard_event(g, GE_SA_GONE);
    else if (g->state == GS_PROVING)
        guard_event(g, GE_TOO_EARLY);
    return true;
}

bool guard_raise_suite(struct guard *g, const struct guard_want *want, struct err *err)
{
    if (suite_serves(g->asked, want->suite))
        return true;
    if (g->asked->key_bits <= want->suite->key_bits && g->keying->own &&
        suite_may_change(g, want) && attempt_again(g, want->suite))
        return true;
    err_set(err,
            "this service is latched with suite %s; the rule asks for %s: close the connections "
            "that have it (btnsctl latches)",
            g->asked->name, want->suite->name);
    return false;
}
