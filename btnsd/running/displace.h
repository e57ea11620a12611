/* Latches give way to root's program, which asks for more than they have. */
#ifndef BTNS_RUNNING_DISPLACE_H
#define BTNS_RUNNING_DISPLACE_H

#include "btnsd/state/daemon.h"

/*
 * Closes the latch for good, for that reason, and resets its connection where a program still has
 * it. One that cannot be reset is logged, and goes on without its latch.
 */
void latch_end(struct btnsd *d, struct latch *l, enum btns_reason code, const char *why);

/*
 * Ends the connections latched to g, as though their peer had reset them, if `by` is root and none
 * is root's own. False: it is not, or one is, and nothing was done.
 */
bool latches_displace(struct btnsd *d, struct guard *g, uid_t by, const char *suite);

#endif
