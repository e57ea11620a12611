/* The end of btnsd, for its guards. */
#ifndef BTNS_LATCH_GUARD_GUARDS_END_H
#define BTNS_LATCH_GUARD_GUARDS_END_H

#include "btnsd/latch/guard/guard.h"

/* At the end: every guard goes, but for those of live latches, which hold their packets until an
 * heir comes. */
void guards_clear(struct guards *gs);
/* The key manager is about to be freed. */
void guards_ike_ends(struct guards *gs);

#endif
