/* SAs, and policies of theirs, that no charon looks after any more. */
#ifndef BTNS_LATCH_GUARD_ORPHANED_SAS_H
#define BTNS_LATCH_GUARD_ORPHANED_SAS_H

#include "btnsd/latch/guard/guard.h"

/* SAs that no charon looks after any more, because it was killed. */
void guards_drop_sas(struct guards *gs);
void guard_drop_sas(struct guard *g);
void guards_ike_died(struct guards *gs);

#endif
