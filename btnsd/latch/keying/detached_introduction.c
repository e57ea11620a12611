/*
 * Lets an introduction go on after its guard has given up, to learn whether the host is slow or
 * runs no btnsd.
 */
#include "btnsd/latch/keying/detached_introduction.h"

static void introduction_ended(void *arg, enum ike_result result, const struct btns_key *key,
                               const char *why)
{
    struct detached_introduction *u = arg;
    const struct guards *gs = u->all;
    (void)key;
    (void)why;
    u->all = NULL;
    if (result == IKE_SILENT && gs->ops->absent)
        gs->ops->absent(gs->arg, &u->remote);
    else if (result != IKE_SILENT && result != IKE_NO_WAY && result != IKE_BROKEN && gs->ops->slow)
        gs->ops->slow(gs->arg, &u->remote);
}

void introduction_detach(struct guard *g)
{
    struct detached_introduction *u = g->all->detached;
    while (u < g->all->detached + GUARD_DETACHED && u->all)
        u++;
    if (!g->task || g->state != GS_INTRODUCING || u == g->all->detached + GUARD_DETACHED)
        return;
    *u = (struct detached_introduction){g->all, g->remote};
    ike_hand_over(g->task, introduction_ended, u);
    g->task = NULL;
}
