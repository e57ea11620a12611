/* Blocks one connection by SPD entries of its own. */
#include "btnsd/running/block_connection.h"

#include "btnsd/base/log.h"
#include "btnsd/state/sockets_of.h"

#include <string.h>

struct connection {
    const struct latch *latch;
    struct btns_addr local, remote;
    bool found;
};

static void match_blocked_connection(void *arg, const struct sock_entry *e)
{
    struct connection *c = arg;
    if (e->cookie != c->latch->cookie || !latch_is_owners(c->latch, e->uid))
        return;
    c->found = true;
    c->local = e->local;
    c->remote = e->remote;
}

struct spd_entry block_connection_entry(enum spd_dir dir, uint8_t protocol,
                                        const struct btns_addr *local,
                                        const struct btns_addr *remote)
{
    return (struct spd_entry){.dir = dir,
                              .priority = PRIO_DISCARD,
                              .action = SPD_BLOCK,
                              .protocol = protocol,
                              .local = *local,
                              .remote = *remote,
                              .local_bits = (uint8_t)btns_addr_bits(local),
                              .remote_bits = (uint8_t)btns_addr_bits(remote)};
}

void block_connection(struct btnsd *d, struct latch *l)
{
    struct connection c = {.latch = l};
    struct err err = {""};
    int rc = sockdiag_connections(sockets_of(d, l->protocol), &l->local, &l->remote,
                                  match_blocked_connection, &c);
    if (rc)
        log_warning("a connection that must end cannot be looked for: %s", strerror(-rc));
    if (!c.found || l->floor)
        return;
    struct spd_entry e[] = {block_connection_entry(SPD_OUT, l->protocol, &c.local, &c.remote),
                            block_connection_entry(SPD_IN, l->protocol, &c.local, &c.remote)};
    l->floor = floor_put(
        &d->floors,
        &(struct floor_plan){.protocol = l->protocol, .local = c.local, .entry = e, .entries = 2},
        &err);
    if (!l->floor)
        log_warning("a connection that must end cannot be blocked: %s", err.text);
}
