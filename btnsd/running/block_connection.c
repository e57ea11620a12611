/* Blocks one connection by entries of its own in the SPD. */
#include "btnsd/running/block_connection.h"

#include "btnsd/base/log.h"
#include "btnsd/state/sockets_of.h"

#include <string.h>

struct connection {
    const struct latch *latch;
    struct btns_addr local, remote;
    bool found;
};

static void is_it(void *arg, const struct sock_entry *e)
{
    struct connection *c = arg;
    if (e->cookie != c->latch->cookie || !latch_is_owners(c->latch, e->uid))
        return;
    c->found = true;
    c->local = e->local;
    c->remote = e->remote;
}

void block_connection(struct btnsd *d, struct latch *l)
{
    struct connection c = {.latch = l};
    struct err err = {""};
    int rc = sockdiag_connections(sockets_of(d, l->protocol), &l->local, &l->remote, is_it, &c);
    if (rc)
        log_warning("a connection that must end cannot be looked for: %s", strerror(-rc));
    if (!c.found || l->floor)
        return;
    struct spd_entry e[2] = {{.dir = SPD_OUT,
                              .priority = PRIO_DISCARD,
                              .action = SPD_BLOCK,
                              .protocol = l->protocol,
                              .local = c.local,
                              .remote = c.remote,
                              .local_bits = (uint8_t)btns_addr_bits(&c.local),
                              .remote_bits = (uint8_t)btns_addr_bits(&c.remote)}};
    e[1] = e[0];
    e[1].dir = SPD_IN;
    l->floor = floor_put(
        &d->floors,
        &(struct floor_plan){.protocol = l->protocol, .local = c.local, .entry = e, .entries = 2},
        &err);
    if (!l->floor)
        log_warning("a connection that must end cannot be blocked: %s", err.text);
}
