/* Which reqids are of no use any more. */
#ifndef BTNS_LATCH_GUARD_REQID_TRIM_H
#define BTNS_LATCH_GUARD_REQID_TRIM_H

#include "btnsd/latch/guard/guard.h"

/* forgets reqids of keys that nothing here has to do with any more. */
void guards_trim_pairs(struct guards *gs);

#endif
