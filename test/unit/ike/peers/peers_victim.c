/*
 * known_peers is full: an attacker who fills it from one network displaces only keys of that
 * network, and never a peer that is latched, or that the administrator has pinned, named or marked.
 * TAP.
 */
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_store.h"
#include "libapi/wire/wire.h"
#include "test/unit/check.h"

#include <string.h>

static uint32_t serial;

static struct peer *add_peer(struct peers *p, const char *at, uint32_t trust)
{
    struct peer peer = {.addrs = at != NULL, .trust = trust};
    memcpy(peer.key.raw, &serial, sizeof serial);
    peer.first_seen = peer.last_seen = 1000 + serial++;
    if (at && !btns_addr_parse(&peer.addr[0], at))
        printf("# %s is no address\n", at);
    const char *no = peers_add(p, &peer);
    if (no)
        printf("# %s: %s\n", at, no);
    return no ? NULL : &p->list[p->count - 1];
}

/* A user's usual peers: hosts of a LAN and some elsewhere; the first are the oldest. */
static void add_honest(struct peers *p)
{
    char at[64];
    for (unsigned i = 0; i < 200; i++) {
        snprintf(at, sizeof at, "192.0.2.%u", i + 1);
        add_peer(p, at, BTNS_T_LEAP);
        snprintf(at, sizeof at, "2001:%x::1", i + 0x100);
        add_peer(p, at, BTNS_T_LEAP);
    }
}

static size_t is_honest(const struct peer *p)
{
    return p->addr[0].family == AF_INET ? p->addr[0].ip[0] == 192
                                        : p->addr[0].ip[0] == 0x20 && p->addr[0].ip[1] == 0x01;
}

static size_t honest(const struct peers *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++)
        n += is_honest(&p->list[i]);
    return n;
}

/* Fills known_peers with addresses made from `where`, whose two # become numbers. */
static void fill(struct peers *p, const char *where)
{
    bool v4 = strchr(where, '.');
    const char *one = strchr(where, '#'), *two = strchr(one + 1, '#');
    char at[64];
    for (unsigned i = 0; p->count < PEERS_MAX; i++) {
        int head = (int)(one - where), mid = (int)(two - one - 1);
        snprintf(at, sizeof at, v4 ? "%.*s%u%.*s%u%s" : "%.*s%x%.*s%x%s", head, where, i >> 8, mid,
                 one + 1, i & 0xff, two + 1);
        add_peer(p, at, BTNS_T_LEAP);
    }
}

static void drop(struct peers *p, size_t i)
{
    p->count--;
    memmove(&p->list[i], &p->list[i + 1], (p->count - i) * sizeof *p->list);
}

static bool none_is_honest(struct peers *p, int rounds)
{
    while (rounds--) {
        size_t i = peers_victim(p);
        if (i == p->count || is_honest(&p->list[i]))
            return false;
        drop(p, i);
    }
    return true;
}

static struct peers *new (void)
{
    struct err err;
    return peers_new("/nonexistent/known_peers", &err);
}

static void floods(void)
{
    static const struct {
        const char *what, *where;
    } way[] = {
        {"one /64", "2a00:1:2:3::#:#"},
        {"some /64s of a /48", "2a00:1:2:#::#"},
        {"some /48s of a /32", "2a00:1:#:#::1"},
        {"an IPv4 /16", "10.1.#.#"},
    };
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        struct peers *p = new ();
        add_honest(p);
        size_t before = honest(p);
        fill(p, way[i].where);
        check(before == 400 && none_is_honest(p, 20) && honest(p) == before,
              "keys from %s displace their own", way[i].what);
        peers_free(p);
    }
}

static bool is_needed(void *arg, const struct btns_key *k)
{
    return btns_key_equal(arg, k);
}

static void kept(void)
{
    struct peers *p = new ();
    const struct btns_key latched = add_peer(p, "2a00::1", BTNS_T_LEAP)->key;
    add_peer(p, "2a00::2", BTNS_T_PINNED);
    add_peer(p, "2a00::3", BTNS_T_LEAP)->no_latch = true;
    add_peer(p, "2a00::4", BTNS_T_LEAP);
    check(peers_victim(p) == 0, "the one not seen for longest");
    peers_set_needed(p, is_needed, (void *)(uintptr_t)&latched);
    check(peers_victim(p) == 3, "but none that is latched, pinned, or flagged (L20)");
    add_peer(p, NULL, BTNS_T_LEAP);
    check(peers_victim(p) == 4, "one that is nowhere first");
    drop(p, 4);
    drop(p, 3);
    check(peers_victim(p) == p->count, "if all are, none");
    peers_free(p);
}

int main(void)
{
    floods();
    kept();
    return check_end();
}
