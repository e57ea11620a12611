/* Is a guard still used? The kernel's own table of connections says, TIME_WAIT included. */
#include "guard.h"

struct census {
    bool connections;
    uint32_t time_wait_ms;
};

#define TCP_TIME_WAIT_STATE 6

static void count(void *arg, const struct sock_entry *e)
{
    struct census *c = arg;
    if (e->state != TCP_TIME_WAIT_STATE)
        c->connections = true;
    else if (e->expires_ms >= c->time_wait_ms)
        c->time_wait_ms = e->expires_ms + 1;
}

/* True while anything of it may still be sent or come in; *time_wait_ms: only TIME_WAITs, for that
 * long. */
bool guard_in_use(struct guard *g, uint32_t *time_wait_ms)
{
    struct census c = {0};
    struct btns_addr local = g->local, remote = g->remote;
    *(g->mirror ? &local.port : &remote.port) = g->port;
    *time_wait_ms = 0;
    if (sockdiag_connections(g->all->sockets, &local, &remote, count, &c))
        return true; /* not known: then it is */
    if (!c.connections)
        *time_wait_ms = c.time_wait_ms;
    return c.connections || c.time_wait_ms;
}

static void sweep(struct timer *t)
{
    struct guard *g = t->arg;
    uint32_t time_wait;
    if (g->mirror && g->state == GS_UP)
        return; /* its life is the SA's, which is the peer's to end */
    /* After this no verdict that names this guard is in anybody's cache unknown to us. */
    g->all->ops->settle(g->all->arg);
    if (g->waiters || g->latches)
        return; /* their end sweeps again */
    if (!guard_in_use(g, &time_wait))
        guard_event(g, GE_IDLE);
    else if (time_wait)
        guard_sweep_after(g, time_wait + 100);
    /* Other connections: the end of each is reported by the kernel, and sweeps again. */
}

void guard_sweep_after(struct guard *g, unsigned ms)
{
    if (!g->sweep.slot)
        loop_after(g->all->loop, &g->sweep, ms, sweep, g);
}
