/* For the tests of known_peers: keys by number, their owners, and the times in the file's lines. */
#ifndef BTNS_TEST_UNIT_IKE_PEERS_NUMBERED_KEYS_H
#define BTNS_TEST_UNIT_IKE_PEERS_NUMBERED_KEYS_H

#include "btnsd/ike/peers/peers.h"
#include "libapi/wire/key.h"
#include "test/unit/addr.h"

#include <string.h>

#define T0    1795255200u /* 2026-11-21T10:00:00Z */
#define TIMES " first=2026-11-21T10:00:00Z last=2026-11-21T10:00:00Z trust="

static inline struct btns_key key(unsigned char n)
{
    struct btns_key k = {.hashed = false};
    memset(k.raw, n, sizeof k.raw);
    return k;
}

static inline const char *key_str(unsigned char n)
{
    static char text[4][BTNS_KEY_STR];
    static unsigned at;
    struct btns_key k = key(n);
    return btns_key_str(&k, text[at++ % 4]);
}

static inline const struct peer *peer_at(const struct peers *p, const char *where)
{
    struct btns_addr a = host_addr(where);
    return peers_by_addr(p, &a);
}

static inline bool peer_is(const struct peer *peer, unsigned char n)
{
    struct btns_key k = key(n);
    return peer && btns_key_equal(&peer->key, &k);
}

#endif
