/* Does any connection still use a guard? */
#ifndef BTNS_LATCH_GUARD_IN_USE_H
#define BTNS_LATCH_GUARD_IN_USE_H

#include "btnsd/latch/guard/guard.h"

/*
 * True while packets of the guard's connections may still be sent or come in. *time_wait_ms: only
 * sockets in TIME_WAIT are left, for this long.
 */
bool guard_in_use(struct guard *g, uint32_t *time_wait_ms);
/*
 * Does any program have one of the guard's connections? Those that the kernel alone finishes do not
 * count.
 */
bool guard_has_programs(struct guard *g);

#endif
