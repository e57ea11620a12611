/* Who sent a datagram that a socket has received? Never a guess. */
#ifndef BTNS_REQUESTS_DATAGRAM_SENDER_H
#define BTNS_REQUESTS_DATAGRAM_SENDER_H

#include "btnsd/latch/guard/guard.h"

enum sent_by { SENT_BY_PEER, SENT_IN_CLEAR, SENT_BY_UNKNOWN };

/*
 * g: the guard that is for its two ends now, or NULL. ended: when a guard last went. stamp: when
 * the datagram came, as the kernel wrote it down; 0: it did not. Pure.
 */
enum sent_by datagram_sent_by(const struct guard *g, const struct instant *ended,
                              const struct instant *now, int64_t stamp);

#endif
