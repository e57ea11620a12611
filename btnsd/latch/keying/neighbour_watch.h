/*
 * A host on the same link for whose address nobody answers has no btnsd: a guard that has never
 * been up need not wait until the IKE daemon gives up.
 */
#ifndef BTNS_LATCH_KEYING_NEIGHBOUR_WATCH_H
#define BTNS_LATCH_KEYING_NEIGHBOUR_WATCH_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/xfrm/neighbour.h"

/*
 * Pure: is the host away? asked: this exchange was seen to ask for it; set here. A failure from
 * before the exchange means nothing, as the host may have come since.
 */
bool neighbour_is_away(enum neighbour now, bool *asked);

/* An exchange begins: looks from time to time, until it ends. */
void neighbour_watch_begin(struct guard *g);

#endif
