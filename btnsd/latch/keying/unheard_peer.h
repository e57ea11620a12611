/*
 * An introduction that its guard does not wait for any more goes on: its end tells whether the host
 * is slow, or runs no btnsd.
 */
#ifndef BTNS_LATCH_KEYING_UNHEARD_PEER_H
#define BTNS_LATCH_KEYING_UNHEARD_PEER_H

#include "btnsd/latch/guard/guard.h"

/* Call it before guard_fail(). Where too many go on already, this one is not looked at. */
void exchange_leave(struct guard *g);

#endif
