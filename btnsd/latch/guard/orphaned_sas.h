/* Deletes SAs, and charon's policies for them, that are left when charon is killed. */
#ifndef BTNS_LATCH_GUARD_ORPHANED_SAS_H
#define BTNS_LATCH_GUARD_ORPHANED_SAS_H

#include "btnsd/latch/guard/guard.h"

/*
 * Orphaned SAs carry latched connections until the peers have noticed charon's end and proved their
 * keys again (about 20 s); then they are deleted.
 */
#define ORPHANS_MS 60000

/* Deletes all SAs and charon policies with our reqids. */
void guards_drop_sas(struct guards *gs);
/* Deletes the SAs of g, and charon's policies for them. True: there were SAs. */
bool guard_drop_sas(struct guard *g);
/* charon was killed: its SAs are orphans, to be deleted later. */
void guards_ike_died(struct guards *gs);

#endif
