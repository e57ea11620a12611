/*
 * Ends an exchange early when nobody on the link answers for the host's address: then no btnsd runs
 * there, and a guard that has never been up need not wait until the IKE daemon gives up.
 */
#ifndef BTNS_LATCH_KEYING_NEIGHBOUR_WATCH_H
#define BTNS_LATCH_KEYING_NEIGHBOUR_WATCH_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/xfrm/neighbour.h"

/*
 * Is the host away? *asked: the kernel was seen asking for it during this exchange; this function
 * sets it. A failure from before the exchange means nothing, as the host may have come since. Pure.
 */
bool neighbour_is_away(enum neighbour now, bool *asked);

/*
 * An exchange begins: looks from time to time whether the host is there, until the exchange ends.
 */
void neighbour_watch_begin(struct guard *g);

#endif
