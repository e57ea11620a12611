/* known_peers, the Peer Authorization Database, in memory: looks peers up by key and by address. */
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_store.h"
#include "btnsd/ike/peers/revoked.h"
#include "libapi/wire/fnv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_CAP 64

/* ---- the indexes ---- */

static size_t hash_peer_bytes(const struct peers *p, const void *data, size_t len)
{
    uint64_t h = fnv1a(p->seed, data, len); /* masks take the low bits: mix them */
    return (size_t)((h ^ h >> 32) * 0x9e3779b97f4a7c15u >> 16);
}

uint32_t *peers_key_slot(const struct peers *p, const struct btns_key *k)
{
    size_t mask = 2 * p->cap - 1, i = hash_peer_bytes(p, k->raw, sizeof k->raw) & mask;
    while (p->by_key[i] && !btns_key_equal(&p->list[p->by_key[i] - 1].key, k))
        i = (i + 1) & mask;
    return &p->by_key[i];
}

static bool peer_has_addr(const struct peer *peer, const struct btns_addr *a)
{
    for (size_t i = 0; i < peer->addrs; i++)
        if (btns_addr_ip_equal(&peer->addr[i], a))
            return true;
    return false;
}

/*
 * A peer with several addresses has several slots in a row of collisions; any of them may end the
 * search.
 */
uint32_t *peers_addr_slot(const struct peers *p, const struct btns_addr *a)
{
    size_t mask = 2 * p->cap * PEER_ADDRS - 1, i = hash_peer_bytes(p, a->ip, sizeof a->ip) & mask;
    while (p->by_addr[i] && !peer_has_addr(&p->list[p->by_addr[i] - 1], a))
        i = (i + 1) & mask;
    return &p->by_addr[i];
}

uint32_t *peers_name_slot(const struct peers *p, const char *name)
{
    size_t mask = 2 * p->cap - 1, i = hash_peer_bytes(p, name, strlen(name)) & mask;
    while (p->by_name[i] && strcmp(p->list[p->by_name[i] - 1].name, name))
        i = (i + 1) & mask;
    return &p->by_name[i];
}

static bool enter_peer_slot(uint32_t *slot, uint32_t value)
{
    if (*slot && *slot != value)
        return false;
    *slot = value;
    return true;
}

bool peers_enter(struct peers *p, size_t i)
{
    const struct peer *peer = &p->list[i];
    const uint32_t value = (uint32_t)i + 1;
    bool ok = enter_peer_slot(peers_key_slot(p, &peer->key), value);
    if (*peer->name)
        ok = ok && enter_peer_slot(peers_name_slot(p, peer->name), value);
    for (size_t j = 0; ok && j < peer->addrs; j++)
        ok = enter_peer_slot(peers_addr_slot(p, &peer->addr[j]), value);
    return ok;
}

void peers_reindex(struct peers *p)
{
    memset(p->by_key, 0, 2 * p->cap * sizeof *p->by_key);
    memset(p->by_addr, 0, 2 * p->cap * PEER_ADDRS * sizeof *p->by_addr);
    memset(p->by_name, 0, 2 * p->cap * sizeof *p->by_name);
    memset(p->inner, 0, p->cap * sizeof *p->inner);
    for (size_t i = 0; i < p->count; i++)
        peers_enter(p, i);
}

/* ---- memory ---- */

void peers_drop(struct peers *p)
{
    free(p->list);
    free(p->by_key);
    free(p->by_addr);
    free(p->by_name);
    free(p->inner);
}

bool peers_copy(struct peers *c, const struct peers *p, size_t count)
{
    *c = *p;
    for (c->cap = FIRST_CAP; c->cap < count; c->cap *= 2)
        ;
    c->list = calloc(c->cap, sizeof *c->list);
    c->by_key = calloc(2 * c->cap, sizeof *c->by_key);
    c->by_addr = calloc(2 * c->cap * PEER_ADDRS, sizeof *c->by_addr);
    c->by_name = calloc(2 * c->cap, sizeof *c->by_name);
    c->inner = calloc(c->cap, sizeof *c->inner);
    if (!c->list || !c->by_key || !c->by_addr || !c->by_name || !c->inner) {
        peers_drop(c);
        return false;
    }
    if (p->count)
        memcpy(c->list, p->list, p->count * sizeof *c->list);
    return true;
}

static bool grow_peers(struct peers *p)
{
    struct peers c;
    if (p->count < p->cap)
        return true;
    if (!peers_copy(&c, p, p->count + 1))
        return false;
    peers_reindex(&c);
    peers_drop(p);
    *p = c;
    return true;
}

struct peers *peers_new(const char *path, struct err *err)
{
    struct peers empty = {0}, *p = malloc(sizeof *p);
    if (snprintf(empty.path, sizeof empty.path, "%s", path) >= (int)sizeof empty.path)
        err_set(err, "%s: the name is too long", path);
    else if (getrandom(&empty.seed, sizeof empty.seed, 0) != sizeof empty.seed)
        err_set(err, "getrandom: %s", strerror(errno));
    else if (!p || !peers_copy(p, &empty, 0))
        err_set(err, "%s: %s", path, strerror(ENOMEM));
    else
        return p;
    free(p);
    return NULL;
}

const char *peers_add(struct peers *p, const struct peer *peer)
{
    if (p->count == PEERS_MAX)
        return "too many peers";
    if (!grow_peers(p))
        return strerror(ENOMEM);
    if (peers_own_name(p, peer->name))
        return "another peer has this name already";
    p->list[p->count] = *peer;
    if (!peers_enter(p, p->count))
        return "this key or one of its addresses is on another line already";
    p->count++;
    return NULL;
}

void peers_set_written(struct peers *p, uint64_t when)
{
    p->written = when;
}

void peers_set_needed(struct peers *p, bool (*needed)(void *arg, const struct btns_key *k),
                      void *arg)
{
    p->needed = needed;
    p->needs = arg;
}

void peers_on_change(struct peers *p, void (*changed)(void *arg), void *arg)
{
    p->changed = changed;
    p->told = arg;
}

void peers_free(struct peers *p)
{
    if (!p)
        return;
    peers_free(p->fleet);
    revoked_free(p->revoked);
    for (size_t i = 0; i < p->names; i++)
        free(p->name[i]);
    peers_drop(p);
    free(p);
}

struct revoked *peers_set_revoked(struct peers *p, struct revoked *revoked)
{
    struct revoked *before = p->revoked;
    p->revoked = revoked;
    return before;
}

const struct revoked *peers_revoked(const struct peers *p)
{
    return p->revoked;
}

/* ---- asking known_peers alone ---- */

const struct peer *peers_own_key(const struct peers *p, const struct btns_key *k)
{
    uint32_t slot = p ? *peers_key_slot(p, k) : 0;
    return slot ? &p->list[slot - 1] : NULL;
}

const struct peer *peers_own_addr(const struct peers *p, const struct btns_addr *a)
{
    if (btns_addr_is_inner(a))
        return peers_own_inner(p, a);
    uint32_t slot = p ? *peers_addr_slot(p, a) : 0;
    return slot ? &p->list[slot - 1] : NULL;
}

const struct peer *peers_own_name(const struct peers *p, const char *name)
{
    uint32_t slot = p && *name ? *peers_name_slot(p, name) : 0;
    return slot ? &p->list[slot - 1] : NULL;
}
