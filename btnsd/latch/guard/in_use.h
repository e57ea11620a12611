/* Is a guard still used? */
#ifndef BTNS_LATCH_GUARD_IN_USE_H
#define BTNS_LATCH_GUARD_IN_USE_H

#include "btnsd/latch/guard/guard.h"

/*
 * True while packets of its connections may still be sent or come in; *time_wait_ms: there are only
 * sockets in TIME_WAIT, for that long.
 */
bool guard_in_use(struct guard *g, uint32_t *time_wait_ms);

#endif
