/*
 * Lets an introduction go on after its guard has given up: its end tells whether the host is only
 * slow, or runs no btnsd.
 */
#ifndef BTNS_LATCH_KEYING_DETACHED_INTRODUCTION_H
#define BTNS_LATCH_KEYING_DETACHED_INTRODUCTION_H

#include "btnsd/latch/guard/guard.h"

/*
 * Call it before guard_fail(), which cancels the tasks that the guard still waits for. An
 * introduction is cancelled too if GUARD_DETACHED introductions already go on without a guard.
 */
void introduction_detach(struct guard *g);

#endif
