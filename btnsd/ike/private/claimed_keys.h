/* Keys that somebody claims and has not proved: how many may be held, and for how long. */
#ifndef BTNS_CLAIMED_KEYS_H
#define BTNS_CLAIMED_KEYS_H

#include "libapi/wire/addr.h"

/*
 * An introduction proves nothing and costs its sender next to nothing, so what it leaves here is
 * bounded: in time, for each address and network (IPv4 /24, IPv6 /64), so that a flood from one
 * place displaces only its own, and over all. Who is honest proves his key within a few round
 * trips.
 */
struct claimed_key {
    struct btns_addr remote;
    uint64_t since; /* ms, loop_now; of the newest introduction */
};

struct claimed_key_limits {
    size_t all, network, address;
    unsigned least_ms; /* younger ones do not make room: their owners may be at it */
    unsigned ms;       /* older ones go */
};

#define CLAIMED_KEY_NONE    ((size_t)-1)
#define CLAIMED_KEY_REFUSED ((size_t)-2)

/*
 * Which of n claims makes room for one more from `newcomer`: the oldest of his address, or of his
 * network, when that has its share; the oldest of all when there are too many. CLAIMED_KEY_NONE:
 * there is room. CLAIMED_KEY_REFUSED: there is none, nobody is old enough to go.
 */
size_t claimed_keys_victim(const struct claimed_key *c, size_t n, const struct btns_addr *newcomer,
                           uint64_t now, const struct claimed_key_limits *limits);
/* One whose time is over, or CLAIMED_KEY_NONE. */
size_t claimed_keys_expired(const struct claimed_key *c, size_t n, uint64_t now,
                            const struct claimed_key_limits *limits);

#endif
