/* Lists the kernel's connections that a guard protects. */
#include "btnsd/running/guard_sockets.h"

#include "btnsd/state/sockets_of.h"
#include "libapi/wire/array.h"

static void add_guard_socket(void *arg, const struct sock_entry *e)
{
    struct guard_sockets *c = arg;
    struct sock_entry *more = array_grow(c->entry, &c->room, c->n + 1, sizeof *more);
    c->failed |= !more;
    if (!more)
        return;
    c->entry = more;
    c->entry[c->n++] = *e;
}

bool guard_sockets_list(struct btnsd *d, const struct guard *g, struct guard_sockets *c)
{
    struct btns_addr local = g->local, remote = g->remote;
    *c = (struct guard_sockets){0};
    *(g->mirror ? &local.port : &remote.port) = g->service.port;
    return !sockdiag_connections(sockets_of(d, g->service.protocol), &local, &remote,
                                 add_guard_socket, c) &&
           !c->failed;
}
