/* Ends the guards when btnsd ends. */
#ifndef BTNS_LATCH_GUARD_GUARDS_END_H
#define BTNS_LATCH_GUARD_GUARDS_END_H

#include "btnsd/latch/guard/guard.h"

/* Frees all guards and deletes their entries. Guards of live latches leave entries that hold
 * packets until the next btnsd adopts them. */
void guards_clear(struct guards *gs);
/* Ends the guards' tasks of the key manager, which is about to be freed. */
void guards_ike_ends(struct guards *gs);

#endif
