/*
 * Finds out who sent a datagram that a socket has received.
 *
 * While the guard is up, the kernel lets in only datagrams that the guard's key has protected: one
 * that came in that time is from the guard's peer. An earlier one may have come in the clear, or
 * from another host that had the address, and may have waited in the socket.
 *
 * The kernel stamps the time first and looks at the SPD afterwards: a datagram that was stamped
 * shortly before the guard's end may have been let in after that end.
 */
#include "btnsd/requests/datagram_sender.h"

#define LET_IN_NS 1000000000 /* the longest time from the stamp to the look at the SPD */

static bool came_during_past_guard(const struct past_guard *p, const struct instant *now,
                                   int64_t stamp)
{
    return p->as && instant_surely_before(&p->from, now, stamp) &&
           instant_surely_after(&p->to, now, stamp, LET_IN_NS);
}

static enum sent_by datagram_sent_by_past(const struct past_guards *past, const struct instant *now,
                                          const struct datagram_came *m, struct guard **by)
{
    enum sent_by sent = SENT_IN_CLEAR;
    if (!instant_surely_before(&past->whole, now, m->stamp))
        sent = SENT_BY_UNKNOWN;
    for (const struct past_guard *p = past->item; p < past->item + PAST_GUARDS; p++) {
        if (!past_guard_is_for(p, m->protocol, &m->local, &m->remote))
            continue;
        if (came_during_past_guard(p, now, m->stamp)) {
            *by = p->as;
            return SENT_BY_PEER;
        }
        if (!instant_surely_before(&p->gone, now, m->stamp))
            sent = SENT_BY_UNKNOWN;
    }
    return sent;
}

enum sent_by datagram_sent_by(struct guard *g, const struct past_guards *past,
                              const struct instant *now, const struct datagram_came *m,
                              struct guard **by)
{
    bool up = g && (g->state == GS_UP || g->state == GS_CLOSING);
    *by = g;
    if (up && instant_surely_before(&g->up_since, now, m->stamp))
        return SENT_BY_PEER;
    enum sent_by sent = datagram_sent_by_past(past, now, m, by);
    return g && sent == SENT_IN_CLEAR ? SENT_BY_UNKNOWN : sent;
}
