/* BEET mode: where is the peer whose inner address a program connects to? */
#include "btnsd/latch/keying/beet.h"

#include "btnsd/base/log.h"
#include "btnsd/ike/peers/peers.h"

#include <errno.h>
#include <string.h>
#include <time.h>

const char *beet_obstacle(const struct guards *gs, const struct btns_addr *local,
                          const struct btns_addr *remote)
{
    if (!btns_addr_is_inner(remote))
        return NULL;
    const struct peer *known = gs->peers ? peers_by_addr(gs->peers, remote) : NULL;
    if (!gs->inner.family)
        return "it is an inner address, and this host has none: no rule here has a profile with "
               "mode = beet, or IPv6 is off on lo (see btnsd's log)";
    if (!btns_addr_ip_equal(local, &gs->inner))
        return "the socket is bound to an address other than this host's inner one";
    if (!known)
        return "no known peer has the key of this inner address: btnsctl peers pin KEY ADDRESS";
    if (!known->addrs)
        return "no address is known for the peer of this inner address: btnsctl peers pin KEY "
               "ADDRESS";
    return NULL;
}

int beet_aim(struct guard *g, struct err *err)
{
    struct route r;
    if (g->sas || !btns_addr_is_inner(&g->remote))
        return 0;
    if (!btns_addr_ip_equal(&g->local, &g->all->inner)) {
        err_set(err, "the connection's own inner address is not this host's, or not any more");
        return -EADDRNOTAVAIL;
    }
    const struct peer *known = peers_by_addr(g->all->peers, &g->remote);
    if (!known || !known->addrs) {
        err_set(err, "no address is known for the peer of this inner address");
        return -ENOENT;
    }
    int rc = route_lookup(&(struct route_query){.remote = known->addr[0]}, &r);
    if (rc) {
        err_set(err, "no route to the peer's own address: %s", strerror(-rc));
        return rc;
    }
    g->outer_remote = known->addr[0];
    g->outer_local = r.local;
    return 0;
}

/*
 * A peer that comes to us may be behind a router, whose address is not the peer's own: only where
 * we have found it ourselves is it known to be.
 */
void beet_record(struct guard *g)
{
    struct err err;
    const struct peer *there = peers_by_addr(g->all->peers, &g->outer_remote);
    if (!g->mirror && (!there || btns_key_equal(&there->key, &g->key)) &&
        peers_seen(g->all->peers, &g->key, &g->outer_remote, (uint64_t)time(NULL), &err))
        log_warning("known_peers was not written: %s", err.text);
}
