/* Checks whether a latch forbids a requested change of known_peers. */
#include "btnsd/requests/peer_latches.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/search.h"

#include <errno.h>

/* A guard with live connections that is latched at this address to another key than `key`. */
static const struct guard *peer_latched_to_another(const struct btnsd *d,
                                                   const struct btns_addr *addr,
                                                   const struct btns_key *key)
{
    uint32_t time_wait;
    for (struct guard *g = d->guards.list; g; g = g->next)
        if (g->ever_up && g->has_key && !btns_key_equal(&g->key, key) &&
            btns_addr_ip_equal(&g->remote, addr) && (g->latches || guard_in_use(g, &time_wait)))
            return g;
    return NULL;
}

/* A guard that is latched to the peer with this name. */
static const struct guard *peer_latched_by_name(const struct btnsd *d, const struct peer *holder)
{
    for (const struct guard *g = NULL; (g = guard_with_key(&d->guards, &holder->key, g));)
        if (g->ever_up && g->latches)
            return g;
    return NULL;
}

int peer_check_latches(const struct btnsd *d, const struct btns_addr *addr,
                       const struct btns_key *key, const char *name, struct err *err)
{
    char ip[BTNS_ADDR_STR], text[BTNS_KEY_STR];
    const struct guard *g = addr ? peer_latched_to_another(d, addr, key) : NULL;
    const struct peer *holder = name ? peers_by_name(d->peers, name) : NULL;
    if (!g && holder && !btns_key_equal(&holder->key, key))
        g = peer_latched_by_name(d, holder);
    if (!g)
        return 0;
    err_set(err,
            "connections with %s, %s/%u, are latched to %s, and a latch does not change: end "
            "them first (btnsctl forget %s)",
            btns_addr_ip_str(&g->remote, ip), protocol_name(g->service.protocol), g->service.port,
            btns_key_str(&g->key, text), btns_addr_ip_str(&g->remote, ip));
    return -EBUSY;
}
