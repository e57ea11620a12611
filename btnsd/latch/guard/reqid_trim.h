/* Drops reqids that are not used any more. */
#ifndef BTNS_LATCH_GUARD_REQID_TRIM_H
#define BTNS_LATCH_GUARD_REQID_TRIM_H

#include "btnsd/latch/guard/guard.h"

/* Drops reqids of keys that no guard, peer or policy uses. */
void guards_trim_pairs(struct guards *gs);

#endif
