/* One latch: which guard protects it, and the state that users see. */
#include "btnsd/latch/registry/latch.h"

#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/table.h"

#include <string.h>

static void latch_join_guard(struct latch *l, struct guard *g)
{
    l->of_guard = g->holders;
    l->link = &g->holders;
    if (l->of_guard)
        l->of_guard->link = &l->of_guard;
    g->holders = l;
}

static void latch_leave_guard(struct latch *l)
{
    *l->link = l->of_guard;
    if (l->of_guard)
        l->of_guard->link = l->link;
}

bool latch_is_owners(const struct latch *l, uid_t socket_uid)
{
    return l->shown || l->uid == socket_uid;
}

/*
 * Two programs that both send from the service's port may ask for each other at the same time. If
 * both took the other's request for their own, both requests would end, and so on, so the host with
 * the lower address goes on with its request.
 */
static bool latch_asks_first(const struct guard *client, const struct guard *mirror)
{
    bool asks = client->state == GS_INTRODUCING || client->state == GS_PROVING;
    return asks && client->service.port == mirror->service.port &&
           memcmp(client->local.ip, client->remote.ip, sizeof client->local.ip) < 0;
}

bool latch_answers(const struct latch *l, const struct guard *mirror, const struct btns_addr *to)
{
    const struct guard *client = l && l->guard && !l->guard->mirror ? l->guard : NULL;
    if (!mirror || (client && (client->ever_up || latch_asks_first(client, mirror))))
        return false;
    return mirror->state != GS_WAITING || to->port != mirror->service.port;
}

void latch_set_guard(struct latch *l, struct guard *g)
{
    struct guard *old = l->guard;
    if (old == g)
        return;
    if (old)
        latch_leave_guard(l);
    l->guard = g;
    if (g)
        latch_join_guard(l, g);
    if (g)
        guard_hold(g);
    if (old)
        guard_release(old);
}

void latch_lose_guard(struct latch *l)
{
    latch_leave_guard(l);
    l->guard->latches--;
    l->guard = NULL;
}

int latch_state(const struct latch *l)
{
    if (l->guard && l->state == BTNS_S_ESTABLISHED)
        return guard_shows(l->guard);
    return l->state;
}
