/* Who sent a datagram that a socket has received? Never a guess. */
#ifndef BTNS_REQUESTS_DATAGRAM_SENDER_H
#define BTNS_REQUESTS_DATAGRAM_SENDER_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/past_guards.h"

enum sent_by { SENT_BY_PEER, SENT_IN_CLEAR, SENT_BY_UNKNOWN };

/* A datagram, and when it came, as the kernel wrote it down; stamp 0: it did not. */
struct datagram_came {
    uint8_t protocol;
    struct btns_addr local, remote;
    int64_t stamp;
};

/*
 * g: the guard that is for its two ends now, or NULL. *by: for SENT_BY_PEER, the guard that it came
 * by: g, or one that is no longer up. Pure.
 */
enum sent_by datagram_sent_by(struct guard *g, const struct past_guards *past,
                              const struct instant *now, const struct datagram_came *m,
                              struct guard **by);

#endif
