/* Limits how many keys that peers claim and have not proved are kept, and for how long. */
#ifndef BTNS_IKE_PRIVATE_CLAIMED_KEYS_H
#define BTNS_IKE_PRIVATE_CLAIMED_KEYS_H

#include "libapi/wire/addr.h"

/*
 * An introduction proves nothing and costs its sender next to nothing. So the keys it leaves here
 * are limited: in time, for each address and network (IPv4 /24, IPv6 /64), so that a flood from one
 * place displaces only its own, and in total. An honest peer proves its key within a few round
 * trips.
 */
struct claimed_key {
    struct btns_addr remote;
    uint64_t since; /* ms, loop_now; of the newest introduction */
};

struct claimed_key_limits {
    size_t all, network, address;
    unsigned least_ms; /* younger keys stay: their proof may be on its way */
    unsigned ms;       /* older ones are dropped */
};

#define CLAIMED_KEY_NONE    ((size_t)-1)
#define CLAIMED_KEY_REFUSED ((size_t)-2)

/*
 * Which of n claimed keys to drop for a new one from `newcomer`: the oldest from the same address
 * or network if that has its share, else the oldest of all. CLAIMED_KEY_NONE: there is room.
 * CLAIMED_KEY_REFUSED: there is no room, and none is old enough to be dropped.
 */
size_t claimed_keys_victim(const struct claimed_key *c, size_t n, const struct btns_addr *newcomer,
                           uint64_t now, const struct claimed_key_limits *limits);
/* A claimed key whose time is over, or CLAIMED_KEY_NONE. */
size_t claimed_keys_expired(const struct claimed_key *c, size_t n, uint64_t now,
                            const struct claimed_key_limits *limits);

#endif
