/*
 * Looks peers up in known_peers and in the fleet (the peers in the administrator's files), which
 * overrides known_peers.
 */
#include "btnsd/ike/peers/peers_store.h"

#include <string.h>

struct peers *peers_set_fleet(struct peers *p, struct peers *fleet)
{
    struct peers *before = p->fleet;
    p->fleet = fleet;
    return before;
}

const struct peers *peers_fleet(const struct peers *p)
{
    return p->fleet;
}

size_t peers_count(const struct peers *p)
{
    return p->count + (p->fleet ? p->fleet->count : 0);
}

const struct peer *peers_at(const struct peers *p, size_t i)
{
    if (i < p->count)
        return &p->list[i];
    return i < peers_count(p) ? &p->fleet->list[i - p->count] : NULL;
}

const struct peer *peers_by_key(const struct peers *p, const struct btns_key *k)
{
    const struct peer *peer = peers_own_key(p->fleet, k);
    return peer ? peer : peers_own_key(p, k);
}

const struct peer *peers_by_name(const struct peers *p, const char *name)
{
    const struct peer *peer = peers_own_name(p->fleet, name);
    return peer ? peer : peers_own_name(p, name);
}

/*
 * A peer of the fleet may also be found at an address where it was seen, and which its file does
 * not list.
 */
const struct peer *peers_by_addr(const struct peers *p, const struct btns_addr *a)
{
    const struct peer *peer = peers_own_addr(p->fleet, a);
    if (!peer && (peer = peers_own_addr(p, a)) && peers_is_shadowed(p, peer))
        peer = peers_own_key(p->fleet, &peer->key);
    return peer;
}

bool peers_is_shadowed(const struct peers *p, const struct peer *peer)
{
    return !peer->file && peers_own_key(p->fleet, &peer->key);
}

bool peers_forbids_latch(const struct peers *p, const struct btns_key *k)
{
    const struct peer *own = peers_own_key(p, k), *fleet = peers_own_key(p->fleet, k);
    return (own && own->no_latch) || (fleet && fleet->no_latch);
}

static bool say_fleet_contradiction(const struct peer *line, const struct peer *own,
                                    const char *what, struct err *err)
{
    char key[BTNS_KEY_STR];
    err_set(err,
            "%s:%zu gives %s to another key than known_peers does (%s), and counts: btnsctl peers "
            "forget %s",
            line->file, line->line, what, btns_key_str(&own->key, key), key);
    return true;
}

bool peers_contradiction(const struct peers *p, size_t i, struct err *err)
{
    const struct peer *line = &p->fleet->list[i], *own;
    char ip[BTNS_ADDR_STR];
    for (size_t a = 0; a < line->addrs; a++) {
        own = peers_own_addr(p, &line->addr[a]);
        if (own && !btns_key_equal(&own->key, &line->key))
            return say_fleet_contradiction(line, own, btns_addr_ip_str(&line->addr[a], ip), err);
    }
    own = peers_own_name(p, line->name);
    return own && !btns_key_equal(&own->key, &line->key) &&
           say_fleet_contradiction(line, own, line->name, err);
}
