/* Finds out who sent a datagram that a socket has received. Never guesses. */
#ifndef BTNS_REQUESTS_DATAGRAM_SENDER_H
#define BTNS_REQUESTS_DATAGRAM_SENDER_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/past_guards.h"

enum sent_by { SENT_BY_PEER, SENT_IN_CLEAR, SENT_BY_UNKNOWN };

/* A datagram, and when it came, according to the kernel; stamp 0: not known. */
struct datagram_came {
    uint8_t protocol;
    struct btns_addr local, remote;
    int64_t stamp;
};

/*
 * g: the guard that is now for the datagram's two addresses, or NULL. *by: with SENT_BY_PEER, the
 * guard by which it came: g, or one that is no longer up. Pure.
 */
enum sent_by datagram_sent_by(struct guard *g, const struct past_guards *past,
                              const struct instant *now, const struct datagram_came *m,
                              struct guard **by);

#endif
