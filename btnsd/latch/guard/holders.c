/* The users of a guard: its latches, the requests that wait for it, and sockets that have ended. */
#include "btnsd/latch/guard/holders.h"

#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/table.h"

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
    g->waiters = w;
}

void guard_unwait(struct waiter *w)
{
    struct guard *g = w->guard;
    if (!g)
        return;
    for (struct waiter **p = &g->waiters; *p; p = &(*p)->next)
        if (*p == w) {
            *p = w->next;
            break;
        }
    w->guard = NULL;
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

/*
 * After a reset the kernel no longer reports the socket's addresses: any guard without latches may
 * have been the socket's.
 */
void guards_socket_gone(struct guards *gs, const struct sock_entry *e)
{
    if (e->local.port && e->remote.port) {
        struct guard *g = guard_of(gs, e->protocol, &e->local, &e->remote);
        if (g)
            guard_used(g);
        return;
    }
    for (struct guard *g = gs->list; g; g = g->next)
        if (!g->latches && !g->waiters)
            guard_used(g);
}
