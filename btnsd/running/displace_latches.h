/* Ends other users' latches when root's program asks for a stronger suite than they have. */
#ifndef BTNS_RUNNING_DISPLACE_LATCHES_H
#define BTNS_RUNNING_DISPLACE_LATCHES_H

#include "btnsd/state/daemon.h"

/*
 * Closes the latch for good, for this reason, and resets its connection if a program still has it.
 * A connection that cannot be reset is logged, and goes on without a latch.
 */
void latch_end(struct btnsd *d, struct latch *l, enum btns_reason code, const char *why);

/*
 * Ends the connections latched to g, as if their peer had reset them, provided that `by` is root
 * and that none of them is root's own. False: nothing was done.
 */
bool latches_displace(struct btnsd *d, struct guard *g, uid_t by, const char *suite);

#endif
