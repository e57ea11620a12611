/*
 * Who sent a datagram that a socket has received?
 *
 * The kernel lets in what the guard's key has protected, and nothing else, all the time that the
 * guard is up. So what came since then is that peer's. What came before may be of another who had
 * the address, or in the clear, and waited in the socket.
 */
#include "btnsd/requests/datagram_sender.h"

enum sent_by datagram_sent_by(const struct guard *g, const struct instant *ended,
                              const struct instant *now, int64_t stamp)
{
    bool up = g && (g->state == GS_UP || g->state == GS_CLOSING);
    if (up && instant_surely_before(&g->up_since, now, stamp))
        return SENT_BY_PEER;
    if (!g && instant_surely_before(ended, now, stamp))
        return SENT_IN_CLEAR;
    return SENT_BY_UNKNOWN;
}
