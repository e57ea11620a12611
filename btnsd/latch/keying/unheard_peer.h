/*
 * An introduction that its guard does not wait for any more goes on: its end tells whether the host
 * is slow, or runs no btnsd.
 */
#ifndef BTNS_LATCH_KEYING_UNHEARD_PEER_H
#define BTNS_LATCH_KEYING_UNHEARD_PEER_H

#include "btnsd/latch/guard/guard.h"

/*
 * Call it before guard_fail(), which cancels what the guard still waits for: also the introduction,
 * where GUARD_UNHEARD of them go on already.
 */
void introduction_leave(struct guard *g);

#endif
