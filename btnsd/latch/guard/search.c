/* Finds guards by service, addresses, key or reqid, without searching all of them. */
#include "btnsd/latch/guard/search.h"

#include <string.h>

#define AT(table) offsetof(struct guard, at_##table)

static uint64_t hash_pair(const struct btns_addr *local, const struct btns_addr *remote)
{
    return hash_more(hash_more(hash_begin(), local->ip, sizeof local->ip), remote->ip,
                     sizeof remote->ip);
}

static uint64_t hash_service(const struct btns_addr *local, const struct btns_addr *remote,
                             struct service service)
{
    const uint16_t number[] = {service.port, service.protocol};
    return hash_more(hash_pair(local, remote), number, sizeof number);
}

static uint64_t hash_port(struct service service)
{
    const uint16_t number[] = {service.port, service.protocol};
    return hash_more(hash_begin(), number, sizeof number);
}

static uint64_t hash_key(const struct btns_key *key)
{
    return hash_more(hash_begin(), key->raw, sizeof key->raw);
}

static uint64_t hash_reqid(uint32_t reqid)
{
    return hash_more(hash_begin(), &reqid, sizeof reqid);
}

static bool same_addresses(const struct guard *g, const struct btns_addr *local,
                           const struct btns_addr *remote)
{
    return btns_addr_ip_equal(&g->remote, remote) && btns_addr_ip_equal(&g->local, local);
}

struct guard *guard_find(const struct guards *gs, const struct btns_addr *local,
                         const struct btns_addr *remote, struct service service, bool mirror)
{
    const struct hash_link *l =
        hash_table_first(&gs->by_service, hash_service(local, remote, service));
    struct guard *g = hash_item(l, AT(service));
    while (g && !(service_same(g->service, service) && g->mirror == mirror &&
                  same_addresses(g, local, remote)))
        g = hash_item(hash_table_next(&g->at_service), AT(service));
    return g;
}

struct guard *guard_between(const struct guards *gs, const struct btns_addr *local,
                            const struct btns_addr *remote, const struct guard *after)
{
    struct guard *g = hash_item(after ? hash_table_next(&after->at_pair)
                                      : hash_table_first(&gs->by_pair, hash_pair(local, remote)),
                                AT(pair));
    while (g && !same_addresses(g, local, remote))
        g = hash_item(hash_table_next(&g->at_pair), AT(pair));
    return g;
}

struct guard *guard_serving(const struct guards *gs, struct service service,
                            const struct guard *after)
{
    struct guard *g = hash_item(after ? hash_table_next(&after->at_port)
                                      : hash_table_first(&gs->by_port, hash_port(service)),
                                AT(port));
    while (g && !service_same(g->service, service))
        g = hash_item(hash_table_next(&g->at_port), AT(port));
    return g;
}

struct guard *guard_with_key(const struct guards *gs, const struct btns_key *key,
                             const struct guard *after)
{
    struct guard *g = hash_item(after ? hash_table_next(&after->at_key)
                                      : hash_table_first(&gs->by_key, hash_key(key)),
                                AT(key));
    while (g && !btns_key_equal(&g->key, key))
        g = hash_item(hash_table_next(&g->at_key), AT(key));
    return g;
}

struct guard *guard_with_reqid(const struct guards *gs, uint32_t reqid, const struct guard *after)
{
    struct guard *g = hash_item(after ? hash_table_next(&after->at_reqid)
                                      : hash_table_first(&gs->by_reqid, hash_reqid(reqid)),
                                AT(reqid));
    while (g && g->reqid != reqid)
        g = hash_item(hash_table_next(&g->at_reqid), AT(reqid));
    return g;
}

struct guard *guard_latched(const struct guards *gs, const struct btns_addr *local,
                            const struct btns_addr *remote, const struct guard *after)
{
    struct guard *g = hash_item(after ? hash_table_next(&after->at_peer)
                                      : hash_table_first(&gs->by_peer, hash_pair(local, remote)),
                                AT(peer));
    while (g && !same_addresses(g, local, remote))
        g = hash_item(hash_table_next(&g->at_peer), AT(peer));
    return g;
}

static bool same_peer(const struct guard *a, const struct guard *b)
{
    if (a->has_key || b->has_key)
        return a->has_key && b->has_key && btns_key_equal(&a->key, &b->key);
    return a->keying == b->keying && !strcmp(a->who, b->who);
}

/*
 * Makes g the guard that represents its peer, unless another does. Most address pairs have one
 * peer, so hardly ever more than one guard is looked at.
 */
static void stand_for_peer(struct guard *g)
{
    const struct guard *o = NULL;
    if (!g->ever_up || g->stands_for || (!g->has_key && !g->who[0]))
        return;
    while ((o = guard_latched(g->all, &g->local, &g->remote, o)))
        if (same_peer(o, g))
            return;
    g->stands_for = true;
    hash_table_enter(&g->all->by_peer, &g->at_peer, hash_pair(&g->local, &g->remote));
}

/* g leaves; another guard to the same peer, if there is one, represents the peer from now on. */
static void leave_peer(struct guard *g)
{
    struct guard *o = NULL;
    if (!g->stands_for)
        return;
    hash_table_leave(&g->all->by_peer, &g->at_peer);
    g->stands_for = false;
    while ((o = guard_between(g->all, &g->local, &g->remote, o)))
        if (o != g && o->ever_up && same_peer(o, g)) {
            stand_for_peer(o);
            return;
        }
}

void guard_set_latched(struct guard *g)
{
    g->ever_up = true;
    stand_for_peer(g);
}

void guard_enter(struct guard *g)
{
    struct guards *gs = g->all;
    hash_table_enter(&gs->by_service, &g->at_service,
                     hash_service(&g->local, &g->remote, g->service));
    hash_table_enter(&gs->by_port, &g->at_port, hash_port(g->service));
    hash_table_enter(&gs->by_pair, &g->at_pair, hash_pair(&g->local, &g->remote));
}

void guard_leave(struct guard *g)
{
    struct guards *gs = g->all;
    leave_peer(g);
    hash_table_leave(&gs->by_service, &g->at_service);
    hash_table_leave(&gs->by_port, &g->at_port);
    hash_table_leave(&gs->by_pair, &g->at_pair);
    if (g->has_key)
        hash_table_leave(&gs->by_key, &g->at_key);
    if (g->reqid)
        hash_table_leave(&gs->by_reqid, &g->at_reqid);
}

void guard_set_key(struct guard *g, const struct btns_key *key)
{
    leave_peer(g);
    if (g->has_key)
        hash_table_leave(&g->all->by_key, &g->at_key);
    g->key = *key;
    g->has_key = true;
    hash_table_enter(&g->all->by_key, &g->at_key, hash_key(key));
    stand_for_peer(g);
}

void guard_set_reqid(struct guard *g, uint32_t reqid)
{
    if (reqid == g->reqid)
        return;
    if (g->reqid)
        hash_table_leave(&g->all->by_reqid, &g->at_reqid);
    g->reqid = reqid;
    if (reqid)
        hash_table_enter(&g->all->by_reqid, &g->at_reqid, hash_reqid(reqid));
}

void guards_free_tables(struct guards *gs)
{
    hash_table_free(&gs->by_service);
    hash_table_free(&gs->by_port);
    hash_table_free(&gs->by_pair);
    hash_table_free(&gs->by_key);
    hash_table_free(&gs->by_reqid);
    hash_table_free(&gs->by_peer);
}
