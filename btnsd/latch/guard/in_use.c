/* Does any connection still use a guard? Asks the kernel's table, TIME_WAIT included. */
#include "btnsd/latch/guard/in_use.h"

struct census {
    bool connections;
    bool programs; /* some program has one of the connections */
    uint32_t time_wait_ms;
};

#define TCP_TIME_WAIT_STATE 6

static void count_socket(void *arg, const struct sock_entry *e)
{
    struct census *c = arg;
    c->programs |= e->inode != 0;
    if (e->state != TCP_TIME_WAIT_STATE)
        c->connections = true;
    else if (e->expires_ms >= c->time_wait_ms)
        c->time_wait_ms = e->expires_ms + 1;
}

/* Counts the guard's connections. False: the kernel did not answer. */
static bool take_census(struct guard *g, struct census *c)
{
    struct btns_addr local = g->local, remote = g->remote;
    *(g->mirror ? &local.port : &remote.port) = g->service.port;
    struct sockdiag *sockets =
        protocol_is_datagrams(g->service.protocol) ? g->all->datagrams : g->all->sockets;
    return !sockdiag_connections(sockets, &local, &remote, count_socket, c);
}

bool guard_has_programs(struct guard *g)
{
    struct census c = {0};
    return !take_census(g, &c) || c.programs;
}

bool guard_in_use(struct guard *g, uint32_t *time_wait_ms)
{
    struct census c = {0};
    *time_wait_ms = 0;
    if (!take_census(g, &c))
        return true; /* treat the guard as used */
    if (!c.connections)
        *time_wait_ms = c.time_wait_ms;
    return c.connections || c.time_wait_ms;
}
