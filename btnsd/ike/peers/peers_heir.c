/* A peer whose host key is rotated: the old key vouches for the new one, which takes its place. */
#include "btnsd/ike/peers/peers_store.h"
#include "btnsd/ike/peers/revoked.h"

#include <errno.h>
#include <string.h>

bool peer_answers_to(const struct peer *peer, const struct btns_key *key)
{
    return btns_key_equal(&peer->key, key) || (peer->has_heir && btns_key_equal(&peer->heir, key));
}

bool peer_had(const struct peer *peer, const struct btns_key *key)
{
    return peer->has_before && btns_key_equal(&peer->before, key);
}

/* Has the administrator said that the key belongs to another peer? Then this one cannot have it. */
static bool is_key_of_another(const struct peers *p, const struct peer *peer,
                              const struct btns_key *heir)
{
    const struct peer *other = peers_own_key(p, heir);
    return other && other != peer && other->name[0] && strcmp(other->name, peer->name);
}

bool peers_vouch(struct peers *p, const struct btns_key *old, const struct btns_key *heir)
{
    char where[REVOKED_WHERE];
    uint32_t slot = *peers_key_slot(p, old);
    if (!slot || peers_own_key(p->fleet, old) || peers_own_key(p->fleet, heir) ||
        revoked_has(p->revoked, old, where) || revoked_has(p->revoked, heir, where) ||
        is_key_of_another(p, &p->list[slot - 1], heir))
        return false;
    p->list[slot - 1].heir = *heir;
    p->list[slot - 1].has_heir = true;
    return true;
}

/* Adds what is already known about the heir, for example from another address. */
static void join_heir(struct peers *c, struct peer *peer, size_t other)
{
    const struct peer *heir = &c->list[other];
    for (size_t i = 0; i < heir->addrs && peer->addrs < PEER_ADDRS; i++)
        peer->addr[peer->addrs++] = heir->addr[i];
    peer->no_latch |= heir->no_latch;
    if (heir->trust == BTNS_T_PINNED)
        peer->trust = BTNS_T_PINNED;
    if (!peer->name[0])
        memcpy(peer->name, heir->name, sizeof peer->name);
    c->count--;
    memmove(&c->list[other], &c->list[other + 1], (c->count - other) * sizeof *c->list);
}

int peers_succeed(struct peers *p, const struct btns_key *old, uint64_t now, struct err *err)
{
    struct peers c;
    uint32_t slot = *peers_key_slot(p, old);
    if (!slot || !p->list[slot - 1].has_heir || peers_own_key(p->fleet, old)) {
        err_set(err, "%s: no such peer, or no key that it vouches for", p->path);
        return -ENOENT;
    }
    const struct btns_key heir = p->list[slot - 1].heir;
    uint32_t other = *peers_key_slot(p, &heir);
    if (!peers_copy(&c, p, p->count)) {
        err_set(err, "%s: %s", p->path, strerror(ENOMEM));
        return -ENOMEM;
    }
    struct peer *peer = &c.list[slot - 1];
    peer->before = peer->key;
    peer->has_before = true;
    peer->key = heir;
    peer->has_heir = false;
    peer->last_seen = c.written = now;
    if (other && other != slot)
        join_heir(&c, peer, other - 1);
    return peers_commit(p, &c, err);
}
