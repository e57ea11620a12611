/*
 * Tracks what uses a guard: its latches, the requests that wait for it, and sockets that have
 * ended.
 */
#include "btnsd/latch/guard/holders.h"

#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/table.h"

#define RESETS_MS 100

void guard_hold(struct guard *g)
{
    g->latches++;
}

void guard_release(struct guard *g)
{
    g->latches--;
    guard_used(g);
}

void guard_wait(struct guard *g, struct waiter *w)
{
    w->guard = g;
    w->next = g->waiters;
    w->link = &g->waiters;
    if (w->next)
        w->next->link = &w->next;
    g->waiters = w;
    g->strict |= w->holds && !w->prefer;
}

void guard_unwait(struct waiter *w)
{
    struct guard *g = w->guard;
    if (!g)
        return;
    waiter_leave(w);
    guard_used(g);
}

uint64_t guard_limit(const struct guard *g)
{
    uint64_t last = 0;
    for (const struct waiter *w = g->waiters; w; w = w->next)
        if (w->limit > last)
            last = w->limit;
    return last;
}

static void use_unlatched(struct timer *t)
{
    struct guards *gs = t->arg;
    for (struct guard *g = gs->list; g; g = g->next)
        if (!g->latches && !g->waiters)
            guard_used(g);
}

/*
 * After a reset the kernel does not report the socket's addresses: any guard without latches may
 * have been the socket's. One pass over the guards serves all resets of a moment.
 */
void guards_socket_gone(struct guards *gs, const struct sock_entry *e)
{
    if (e->local.port && e->remote.port) {
        struct guard *g = guard_of(gs, e->protocol, &e->local, &e->remote);
        if (g)
            guard_used(g);
        return;
    }
    if (!gs->resets.slot)
        loop_after(gs->loop, &gs->resets, RESETS_MS, use_unlatched, gs);
}
