/*
 * Blocks a service for a moment after its guard has gone, for datagrams whose program was told that
 * they are protected, and which it has not sent yet: it may have been stopped in between.
 */
#ifndef BTNS_LATCH_GUARD_LATE_SENDS_H
#define BTNS_LATCH_GUARD_LATE_SENDS_H

#include "btnsd/latch/guard/guard.h"

/* A thread that is stopped longer than this between btnsd's answer and the call sends in the clear.
 */
#define LATE_SEND_MS 2000
/* With more services at once, the one that is blocked for longest is opened early. */
#define LATE_SENDS 1024

/*
 * The entries of g are about to be deleted. True: out, its outgoing entry, blocks from now on, and
 * will be deleted later. False: nobody can be late, or the kernel refused; delete it now.
 */
bool late_sends_block(struct guard *g, const struct spd_entry *out);
/* Deletes the entries that still block, and forgets them. */
void late_sends_end(struct guards *gs);

#endif
