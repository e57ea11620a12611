/* known_peers, the Peer Authorization Database: who was proved where, found by key and by address.
 */
#include "file.h"
#include "ike.h"
#include "peers_file.h"

#include "../../libapi/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_CAP   64
#define WRITE_PAUSE 3600 /* seconds between rewrites for times alone */

/*
 * Both indexes are open hash tables, at most half full because they are sized by cap; a slot holds
 * 1
 * + the number of a peer, 0 when free. Peers are changed seldom and then written out whole, so a
 * change makes a new list and new indexes: simpler than deleting from a hash, and undone by
 * dropping them.
 */
struct peers {
    char path[FILE_PATH];
    struct peer *list;
    size_t count, cap; /* cap: a power of two */
    uint32_t *by_key;  /* 2 * cap */
    uint32_t *by_addr; /* 2 * cap * PEER_ADDRS */
    uint64_t seed;     /* strangers choose keys: they must not choose where these fall */
    uint64_t written;  /* when, in seconds since 1970 */
};

/* ---- the indexes ---- */

static size_t hash(const struct peers *p, const void *data, size_t len)
{
    const uint8_t *at = data;
    uint64_t h = p->seed; /* FNV-1a from a secret start, and a last mix as masks take low bits */
    while (len--)
        h = (h ^ *at++) * 0x100000001b3u;
    return (size_t)((h ^ h >> 32) * 0x9e3779b97f4a7c15u >> 16);
}

static uint32_t *key_slot(const struct peers *p, const struct btns_key *k)
{
    size_t mask = 2 * p->cap - 1, i = hash(p, k->raw, sizeof k->raw) & mask;
    while (p->by_key[i] && !btns_key_equal(&p->list[p->by_key[i] - 1].key, k))
        i = (i + 1) & mask;
    return &p->by_key[i];
}

static bool has_addr(const struct peer *peer, const struct btns_addr *a)
{
    for (size_t i = 0; i < peer->addrs; i++)
        if (btns_addr_ip_equal(&peer->addr[i], a))
            return true;
    return false;
}

/* A peer with several addresses has several slots; any of them on the way will do. */
static uint32_t *addr_slot(const struct peers *p, const struct btns_addr *a)
{
    size_t mask = 2 * p->cap * PEER_ADDRS - 1, i = hash(p, a->ip, sizeof a->ip) & mask;
    while (p->by_addr[i] && !has_addr(&p->list[p->by_addr[i] - 1], a))
        i = (i + 1) & mask;
    return &p->by_addr[i];
}

/* Enters peer number i; false when its key or an address of it is another's already. */
static bool enter(struct peers *p, size_t i)
{
    const struct peer *peer = &p->list[i];
    const uint32_t value = (uint32_t)i + 1;
    uint32_t *slot = key_slot(p, &peer->key);
    if (*slot)
        return false;
    *slot = value;
    for (size_t j = 0; j < peer->addrs; j++) {
        slot = addr_slot(p, &peer->addr[j]);
        if (*slot && *slot != value)
            return false;
        *slot = value;
    }
    return true;
}

static void reindex(struct peers *p)
{
    memset(p->by_key, 0, 2 * p->cap * sizeof *p->by_key);
    memset(p->by_addr, 0, 2 * p->cap * PEER_ADDRS * sizeof *p->by_addr);
    for (size_t i = 0; i < p->count; i++)
        enter(p, i);
}

/* ---- memory ---- */

static void drop(struct peers *p)
{
    free(p->list);
    free(p->by_key);
    free(p->by_addr);
}

/* A copy of p with room for count peers, indexes still empty. */
static bool copy(struct peers *c, const struct peers *p, size_t count)
{
    *c = *p;
    for (c->cap = FIRST_CAP; c->cap < count; c->cap *= 2)
        ;
    c->list = calloc(c->cap, sizeof *c->list);
    c->by_key = calloc(2 * c->cap, sizeof *c->by_key);
    c->by_addr = calloc(2 * c->cap * PEER_ADDRS, sizeof *c->by_addr);
    if (!c->list || !c->by_key || !c->by_addr) {
        drop(c);
        return false;
    }
    if (p->count)
        memcpy(c->list, p->list, p->count * sizeof *c->list);
    return true;
}

static bool grow(struct peers *p)
{
    struct peers c;
    if (p->count < p->cap)
        return true;
    if (!copy(&c, p, p->count + 1))
        return false;
    reindex(&c);
    drop(p);
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
    else if (!p || !copy(p, &empty, 0))
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
    if (!grow(p))
        return strerror(ENOMEM);
    p->list[p->count] = *peer;
    if (!enter(p, p->count))
        return "this key or one of its addresses is on another line already";
    p->count++;
    return NULL;
}

void peers_set_written(struct peers *p, uint64_t when)
{
    p->written = when;
}

void peers_free(struct peers *p)
{
    if (!p)
        return;
    drop(p);
    free(p);
}

/* ---- asking ---- */

size_t peers_count(const struct peers *p)
{
    return p->count;
}

const struct peer *peers_at(const struct peers *p, size_t i)
{
    return i < p->count ? &p->list[i] : NULL;
}

const struct peer *peers_by_key(const struct peers *p, const struct btns_key *k)
{
    uint32_t slot = *key_slot(p, k);
    return slot ? &p->list[slot - 1] : NULL;
}

const struct peer *peers_by_addr(const struct peers *p, const struct btns_addr *a)
{
    uint32_t slot = *addr_slot(p, a);
    return slot ? &p->list[slot - 1] : NULL;
}

/* ---- changing ---- */

/* Puts the changed copy in p's place if it could be written; else p stays. */
static int commit(struct peers *p, struct peers *changed, struct err *err)
{
    int error = peers_write(changed, p->path, err);
    if (error) {
        drop(changed);
        return error;
    }
    reindex(changed);
    drop(p);
    *p = *changed;
    return 0;
}

static void remove_peer(struct peers *p, size_t i)
{
    p->count--;
    memmove(&p->list[i], &p->list[i + 1], (p->count - i) * sizeof *p->list);
}

static void remove_addr(struct peer *peer, const struct btns_addr *a)
{
    for (size_t i = 0; i < peer->addrs; i++) {
        if (!btns_addr_ip_equal(&peer->addr[i], a))
            continue;
        peer->addrs--;
        memmove(&peer->addr[i], &peer->addr[i + 1], (peer->addrs - i) * sizeof *peer->addr);
        return;
    }
}

static void add_addr(struct peer *peer, const struct btns_addr *a)
{
    if (peer->addrs == PEER_ADDRS)
        peer->addrs--; /* the one not seen for longest */
    memmove(&peer->addr[1], &peer->addr[0], peer->addrs * sizeof *peer->addr);
    peer->addr[0] = *a;
    peer->addr[0].port = 0;
    peer->addrs++;
}

/* Makes room for one more: the leap of faith not seen for longest goes. */
static bool evict(struct peers *p)
{
    size_t oldest = p->count;
    if (p->count < PEERS_MAX)
        return true;
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].trust == BTNS_T_LEAP &&
            (oldest == p->count || p->list[i].last_seen < p->list[oldest].last_seen))
            oldest = i;
    if (oldest == p->count)
        return false;
    remove_peer(p, oldest);
    return true;
}

static struct peer *find(struct peers *p, const struct btns_key *k)
{
    for (size_t i = 0; i < p->count; i++)
        if (btns_key_equal(&p->list[i].key, k))
            return &p->list[i];
    return NULL;
}

/* Nothing is new but the time, and which of its addresses is the newest. */
static int seen_again(struct peers *p, struct peer *peer, const struct btns_addr *a, uint64_t now,
                      struct err *err)
{
    const struct peer before = *peer;
    const struct btns_addr at = *a; /* which may be one of peer's */
    remove_addr(peer, &at);
    add_addr(peer, &at);
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

/* Makes the copy say that k is at a; false when there is no room. */
static bool learn(struct peers *c, const struct btns_key *k, const struct btns_addr *a,
                  uint64_t now)
{
    struct peer *peer = find(c, k);
    if (!peer && !evict(c))
        return false;
    if (!peer) {
        peer = &c->list[c->count++];
        *peer = (struct peer){.key = *k, .first_seen = now, .trust = BTNS_T_LEAP};
    }
    add_addr(peer, a);
    peer->last_seen = c->written = now;
    return true;
}

int peers_seen(struct peers *p, const struct btns_key *k, const struct btns_addr *a, uint64_t now,
               struct err *err)
{
    struct peers c;
    uint32_t known = *key_slot(p, k), owner = *addr_slot(p, a);
    if (!a->family || btns_addr_is_any(a) || now > PEERS_TIME_MAX) {
        err_set(err, "%s: a peer needs an address and a time", p->path);
        return -EINVAL;
    }
    if (known && owner == known)
        return seen_again(p, &p->list[known - 1], a, now, err);
    if (!copy(&c, p, p->count + (p->count < PEERS_MAX))) {
        err_set(err, "%s: %s", p->path, strerror(ENOMEM));
        return -ENOMEM;
    }
    if (owner)
        remove_addr(&c.list[owner - 1], a);
    if (!learn(&c, k, a, now)) {
        err_set(err, "%s: full (%d peers, all pinned)", p->path, PEERS_MAX);
        drop(&c);
        return -ENOSPC;
    }
    return commit(p, &c, err);
}

int peers_forget(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
                 struct err *err)
{
    struct peers c;
    uint32_t slot = k ? *key_slot(p, k) : a ? *addr_slot(p, a) : 0;
    if (!slot) {
        err_set(err, "%s: no such peer", p->path);
        return -ENOENT;
    }
    size_t i = slot - 1;
    if (!copy(&c, p, p->count)) {
        err_set(err, "%s: %s", p->path, strerror(ENOMEM));
        return -ENOMEM;
    }
    if (!k)
        remove_addr(&c.list[i], a);
    if (k || !c.list[i].addrs)
        remove_peer(&c, i);
    return commit(p, &c, err);
}
