/* Is a guard still used? The kernel's own table of connections says, TIME_WAIT included. */
#include "btnsd/latch/keying/keying.h"

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

/* Another connection may come soon, and the peer may still be in TIME_WAIT: its SA outlasts that.
 */
static uint64_t lingers(const struct guard *g)
{
    uint64_t until = g->last_used + g->all->linger_ms, now = loop_now();
    return g->state == GS_UP && !g->mirror && until > now ? until - now : 0;
}

static void sweep(struct timer *t)
{
    struct guard *g = t->arg;
    uint32_t time_wait;
    if (g->mirror && g->state == GS_UP && (!g->keying->pins || callers_want(g)))
        return; /* its life is the SA's, which is the peer's to end; or the listener's */
    /* After this no verdict that names this guard is in anybody's cache unknown to us. */
    g->all->ops->settle(g->all->arg);
    if (g->waiters || g->latches)
        return; /* their end sweeps again */
    bool used = guard_in_use(g, &time_wait);
    if (time_wait || (!used && lingers(g)))
        guard_sweep_after(g, (unsigned)(time_wait ? time_wait + 100 : lingers(g) + 1));
    else if (!used)
        guard_event(g, GE_IDLE);
    /* Other connections: the end of each is reported by the kernel, and sweeps again. */
}

void guard_used(struct guard *g)
{
    g->last_used = loop_now();
    guard_sweep_after(g, g->all->linger_ms);
}

void guard_sweep_after(struct guard *g, unsigned ms)
{
    if (!g->sweep.slot || g->sweep.due > loop_now() + ms)
        loop_after(g->all->loop, &g->sweep, ms, sweep, g);
}
