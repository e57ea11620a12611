#include "btnsd/latch/keying/neighbour_watch.h"

#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/keying/exchange.h"

#define LOOK_MS 250

bool neighbour_is_away(enum neighbour now, bool *asked)
{
    *asked |= now == NEIGHBOUR_ASKED;
    return *asked && now == NEIGHBOUR_FAILED;
}

static bool is_waiting(const struct guard *g)
{
    return g->task && !g->ever_up && (g->state == GS_INTRODUCING || g->state == GS_PROVING);
}

static void look_at_neighbour(struct timer *t)
{
    struct guard *g = t->arg;
    if (!is_waiting(g))
        return;
    const enum neighbour now = neighbour_state(&g->remote);
    if (now == NEIGHBOUR_KNOWN)
        return;
    if (!neighbour_is_away(now, &g->neighbour_asked)) {
        loop_after(g->all->loop, &g->neighbour, LOOK_MS, look_at_neighbour, g);
        return;
    }
    ike_cancel(g->task);
    g->task = NULL;
    exchange_failed(g, IKE_SILENT, "nobody on the link answers for that address");
}

void neighbour_watch_begin(struct guard *g)
{
    g->neighbour_asked = false;
    loop_after(g->all->loop, &g->neighbour, LOOK_MS, look_at_neighbour, g);
}
