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
 * The entries of g are about to be deleted; out is its outgoing one. If somebody can be late, the
 * service is blocked from now on, for a moment. A new guard has precedence over that.
 */
void late_sends_block(struct guard *g, const struct spd_entry *out);
/* At the end of btnsd: the kernel deletes the entries that still block, when nobody can be late. */
void late_sends_end(struct guards *gs);
/*
 * At start: e may be such an entry of an earlier btnsd; then it blocks for LATE_SEND_MS from now
 * on. True if it is one.
 */
bool late_send_adopt(struct guards *gs, const struct spd_entry *e);

#endif
