/*
 * Changes known_peers: each change is made in a copy, which replaces the old list once it is
 * written.
 */
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_store.h"
#include "btnsd/ike/peers/revoked.h"

#include "libapi/wire/wire.h"

#include <errno.h>
#include <string.h>

#define WRITE_PAUSE 3600 /* seconds between rewrites that only update times */

int peers_commit(struct peers *p, struct peers *changed, struct err *err)
{
    int error = peers_write(changed, p->path, err);
    if (error) {
        peers_drop(changed);
        return error;
    }
    peers_reindex(changed);
    peers_drop(p);
    *p = *changed;
    if (p->changed)
        p->changed(p->told);
    return 0;
}

static void remove_peer(struct peers *p, size_t i)
{
    p->count--;
    memmove(&p->list[i], &p->list[i + 1], (p->count - i) * sizeof *p->list);
}

static void remove_peer_addr(struct peer *peer, const struct btns_addr *a)
{
    for (size_t i = 0; i < peer->addrs; i++) {
        if (!btns_addr_ip_equal(&peer->addr[i], a))
            continue;
        peer->addrs--;
        memmove(&peer->addr[i], &peer->addr[i + 1], (peer->addrs - i) * sizeof *peer->addr);
        return;
    }
}

static void add_peer_addr(struct peer *peer, const struct btns_addr *a)
{
    if (peer->addrs == PEER_ADDRS)
        peer->addrs--; /* the address not seen for the longest time */
    memmove(&peer->addr[1], &peer->addr[0], peer->addrs * sizeof *peer->addr);
    peer->addr[0] = *a;
    peer->addr[0].port = 0;
    peer->addrs++;
}

/* Makes room for one more peer. */
static bool evict_peer(struct peers *p)
{
    if (p->count < PEERS_MAX)
        return true;
    size_t who = peers_victim(p);
    if (who == p->count)
        return false;
    remove_peer(p, who);
    return true;
}

static struct peer *find_peer(struct peers *p, const struct btns_key *k)
{
    for (size_t i = 0; i < p->count; i++)
        if (btns_key_equal(&p->list[i].key, k))
            return &p->list[i];
    return NULL;
}

/* The peer was seen before: is only the time new, or the order of its addresses? */
static int peer_seen_again(struct peers *p, struct peer *peer, const struct btns_addr *a,
                           uint64_t now, struct err *err)
{
    const struct peer before = *peer;
    const struct btns_addr at = *a; /* a may point to one of peer's own addresses */
    remove_peer_addr(peer, &at);
    add_peer_addr(peer, &at);
    peer->last_seen = now;
    if (now >= p->written && now - p->written < WRITE_PAUSE)
        return 0;
    int error = peers_write(p, p->path, err);
    if (error)
        *peer = before;
    else
        p->written = now;
    return error;
}

/* Records in the copy that key k was seen at address a. False: no room. */
static bool learn_peer_address(struct peers *c, const struct btns_key *k, const struct btns_addr *a,
                               uint64_t now)
{
    struct peer *peer = find_peer(c, k);
    if (!peer && !evict_peer(c))
        return false;
    if (!peer) {
        peer = &c->list[c->count++];
        *peer = (struct peer){.key = *k, .first_seen = now, .trust = BTNS_T_LEAP};
    }
    add_peer_addr(peer, a);
    peer->last_seen = c->written = now;
    return true;
}

static int refuse_owned_peer(const struct peer *peer, const char *what, struct err *err)
{
    char key[BTNS_KEY_STR], where[320] = "";
    if (peer->file)
        snprintf(where, sizeof where, " in %s:%zu", peer->file, peer->line);
    err_set(err, "the %s is that of %s%s%s%s, pinned by the administrator%s", what, peer->name,
            peer->name[0] ? " (" : "", btns_key_str(&peer->key, key), peer->name[0] ? ")" : "",
            where);
    return -EEXIST;
}

/* Does the fleet have another key at this address (NULL: not asked), or with this name? 0: no. */
static int refuse_fleet_peer(const struct peers *p, const struct btns_key *k,
                             const struct btns_addr *a, const char *name, struct err *err)
{
    const struct peer *peer = a ? peers_own_addr(p->fleet, a) : NULL;
    if (peer && !btns_key_equal(&peer->key, k))
        return refuse_owned_peer(peer, "address", err);
    peer = name ? peers_own_name(p->fleet, name) : NULL;
    return peer && !btns_key_equal(&peer->key, k) ? refuse_owned_peer(peer, "name", err) : 0;
}

/* A fleet peer's name is the one in its file; another name in known_peers would be ignored. */
static int refuse_peer_name(const struct peers *p, const struct btns_key *k, const char *name,
                            struct err *err)
{
    const struct peer *peer = name && *name ? peers_own_key(p->fleet, k) : NULL;
    if (!peer || !strcmp(peer->name, name))
        return 0;
    err_set(err, "the peer is in %s:%zu: write its name there, and run btnsctl reload", peer->file,
            peer->line);
    return -EEXIST;
}

static int refuse_revoked_peer(const struct peers *p, const struct btns_key *k, struct err *err)
{
    char where[REVOKED_WHERE];
    if (!revoked_has(p->revoked, k, where))
        return 0;
    err_set(err, "the key is revoked (%s)", where);
    return -EKEYREVOKED;
}

/* Does the fleet already say this? */
static bool is_peer_in_fleet(const struct peers *p, const struct btns_key *k,
                             const struct btns_addr *a)
{
    const struct peer *peer = peers_own_addr(p->fleet, a);
    return peer && btns_key_equal(&peer->key, k);
}

static bool copy_peers_for_one(const struct peers *p, struct peers *c, struct err *err)
{
    if (peers_copy(c, p, p->count + (p->count < PEERS_MAX)))
        return true;
    err_set(err, "%s: %s", p->path, strerror(ENOMEM));
    return false;
}

static int refuse_when_full(const struct peers *p, struct peers *c, struct err *err)
{
    err_set(err, "%s: full (%d peers, all pinned or latched)", p->path, PEERS_MAX);
    peers_drop(c);
    return -ENOSPC;
}

int peers_seen(struct peers *p, const struct btns_key *k, const struct btns_addr *a, uint64_t now,
               struct err *err)
{
    struct peers c;
    uint32_t known = *peers_key_slot(p, k), owner = *peers_addr_slot(p, a);
    if (!btns_addr_is_host(a) || now > PEERS_TIME_MAX) {
        err_set(err, "%s: a peer needs an address and a time", p->path);
        return -EINVAL;
    }
    int rc = refuse_revoked_peer(p, k, err);
    if (!rc)
        rc = refuse_fleet_peer(p, k, a, NULL, err);
    if (rc || is_peer_in_fleet(p, k, a))
        return rc;
    if (known && owner == known)
        return peer_seen_again(p, &p->list[known - 1], a, now, err);
    if (owner && p->list[owner - 1].trust == BTNS_T_PINNED)
        return refuse_owned_peer(&p->list[owner - 1], "address", err);
    if (!copy_peers_for_one(p, &c, err))
        return -ENOMEM;
    if (owner)
        remove_peer_addr(&c.list[owner - 1], a);
    return learn_peer_address(&c, k, a, now) ? peers_commit(p, &c, err)
                                             : refuse_when_full(p, &c, err);
}

/* Takes the address away from a leap-of-faith peer that has it. */
static void take_addr_from_peer(struct peers *c, const struct btns_addr *a)
{
    for (size_t i = 0; i < c->count; i++)
        remove_peer_addr(&c->list[i], a);
}

static void move_peer_to(struct peer *peer, const struct btns_addr *a)
{
    const struct btns_addr at = *a;
    remove_peer_addr(peer, &at);
    add_peer_addr(peer, &at);
}

static void name_peer(struct peers *c, struct peer *peer, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->list[i].name, name))
            c->list[i].name[0] = '\0';
    memcpy(peer->name, name, strlen(name) + 1);
}

int peers_pin(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
              const char *name, uint64_t now, struct err *err)
{
    struct peers c;
    uint32_t known = *peers_key_slot(p, k), owner = a ? *peers_addr_slot(p, a) : 0;
    const char *no_host = a ? btns_addr_not_host(a) : NULL;
    if (no_host || now > PEERS_TIME_MAX || (name && *name && !btns_peer_name_ok(name))) {
        err_set(err, "%s", no_host ? no_host : "not a name, or not a time, for a peer");
        return -EINVAL;
    }
    int rc = refuse_revoked_peer(p, k, err);
    if (!rc)
        rc = refuse_fleet_peer(p, k, a, name, err);
    if (!rc)
        rc = refuse_peer_name(p, k, name, err);
    if (rc)
        return rc;
    if (!known && !a && peers_own_key(p->fleet, k)) /* the fleet gives it that name already */
        return 0;
    if (!known && !a) {
        err_set(err, "no such peer is known");
        return -ENOENT;
    }
    if (owner && owner != known && p->list[owner - 1].trust == BTNS_T_PINNED)
        return refuse_owned_peer(&p->list[owner - 1], "address", err);
    if (!copy_peers_for_one(p, &c, err))
        return -ENOMEM;
    if (!known && !evict_peer(&c))
        return refuse_when_full(p, &c, err);
    /*
     * Dropping and adding peers moves them in the list, so addresses are compared by value, not by
     * pointer.
     */
    if (owner && owner != known)
        take_addr_from_peer(&c, a);
    struct peer *peer = find_peer(&c, k);
    if (!peer) {
        peer = &c.list[c.count++];
        *peer = (struct peer){.key = *k, .first_seen = now, .last_seen = now};
    }
    peer->trust = BTNS_T_PINNED;
    if (a)
        move_peer_to(peer, a);
    if (name && *name)
        name_peer(&c, peer, name);
    c.written = now;
    return peers_commit(p, &c, err);
}

int peers_forget(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
                 struct err *err)
{
    struct peers c;
    uint32_t slot = k ? *peers_key_slot(p, k) : a ? *peers_addr_slot(p, a) : 0;
    if (!slot) {
        err_set(err, "%s: no such peer", p->path);
        return -ENOENT;
    }
    size_t i = slot - 1;
    if (!peers_copy(&c, p, p->count)) {
        err_set(err, "%s: %s", p->path, strerror(ENOMEM));
        return -ENOMEM;
    }
    if (!k)
        remove_peer_addr(&c.list[i], a);
    if (k || !c.list[i].addrs)
        remove_peer(&c, i);
    return peers_commit(p, &c, err);
}

int peers_set_no_latch(struct peers *p, const struct btns_key *k, bool on, struct err *err)
{
    struct peers c;
    uint32_t slot = *peers_key_slot(p, k);
    const struct peer *fleet = peers_own_key(p->fleet, k);
    if (fleet && (!slot || (!on && fleet->no_latch))) {
        err_set(err, "the peer is in %s:%zu: %s latch=no there, and run btnsctl reload",
                fleet->file, fleet->line, on ? "write" : "delete");
        return -EEXIST;
    }
    if (!slot) {
        err_set(err, "%s: no such peer", p->path);
        return -ENOENT;
    }
    if (!peers_copy(&c, p, p->count)) {
        err_set(err, "%s: %s", p->path, strerror(ENOMEM));
        return -ENOMEM;
    }
    c.list[slot - 1].no_latch = on;
    return peers_commit(p, &c, err);
}
