/* What the guards of btnsd call: the rest of the daemon, when a guard changes, or needs to know
 * something. */
#ifndef BTNS_START_GUARD_CALLS_H
#define BTNS_START_GUARD_CALLS_H

#include "btnsd/state/daemon.h"

/* Their argument is struct btnsd. */
extern const struct guards_ops guard_calls;

/* For struct floors: a floor of a listener is no more. */
void floor_gone(void *arg);

#endif
