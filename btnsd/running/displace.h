/* Latches give way to root's program, which asks for more than they have. */
#ifndef BTNS_RUNNING_DISPLACE_H
#define BTNS_RUNNING_DISPLACE_H

#include "btnsd/state/daemon.h"

/*
 * Ends the connections latched to g, as though their peer had reset them, if `by` is root and none
 * is root's own. False: it is not, or one is, and nothing was done.
 */
bool latches_displace(struct btnsd *d, struct guard *g, uid_t by, const char *suite);

#endif
