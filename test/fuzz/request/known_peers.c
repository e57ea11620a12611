/* The known peers: eight at most. */
#include "btnsd/ike/peers/peers.h"
#include "test/fuzz/request/played.h"

#include <errno.h>
#include <string.h>

static struct peer peer[8];
static size_t peers_n;

size_t peers_count(const struct peers *p)
{
    (void)p;
    return peers_n;
}

const struct peer *peers_at(const struct peers *p, size_t i)
{
    (void)p;
    return &peer[i];
}

const struct peer *peers_by_addr(const struct peers *p, const struct btns_addr *a)
{
    (void)p;
    for (size_t i = 0; i < peers_n; i++)
        if (btns_addr_ip_equal(&peer[i].addr[0], a))
            return &peer[i];
    return NULL;
}

int peers_seen(struct peers *p, const struct btns_key *k, const struct btns_addr *a, uint64_t now,
               struct err *err)
{
    struct peer *known = (struct peer *)(uintptr_t)peers_by_addr(p, a);
    (void)now;
    err_set(err, "full");
    if (!known && peers_n == 8)
        return -ENOSPC;
    known = known ? known : &peer[peers_n++];
    *known = (struct peer){.key = *k, .addr = {*a}, .addrs = 1};
    return 0;
}

const struct peer *peers_by_key(const struct peers *p, const struct btns_key *k)
{
    (void)p;
    for (size_t i = 0; i < peers_n; i++)
        if (btns_key_equal(&peer[i].key, k))
            return &peer[i];
    return NULL;
}

const struct peer *peers_by_name(const struct peers *p, const char *name)
{
    (void)p;
    for (size_t i = 0; *name && i < peers_n; i++)
        if (!strcmp(peer[i].name, name))
            return &peer[i];
    return NULL;
}

int peers_pin(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
              const char *name, uint64_t now, struct err *err)
{
    int rc = a ? peers_seen(p, k, a, now, err) : -ENOENT;
    struct peer *pinned = (struct peer *)(uintptr_t)peers_by_key(p, k);
    if (rc || !pinned)
        return rc;
    pinned->trust = BTNS_T_PINNED;
    snprintf(pinned->name, sizeof pinned->name, "%s", name);
    return 0;
}

int peers_set_no_latch(struct peers *p, const struct btns_key *k, bool on, struct err *err)
{
    struct peer *known = (struct peer *)(uintptr_t)peers_by_key(p, k);
    err_set(err, "no such peer");
    if (known)
        known->no_latch = on;
    return known ? 0 : -ENOENT;
}

int peers_forget(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
                 struct err *err)
{
    (void)p, (void)k, (void)a, (void)err;
    return peers_n ? (peers_n--, 0) : -ENOENT;
}

void known_peers_clear(void)
{
    peers_n = 0;
}
