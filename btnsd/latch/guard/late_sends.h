/*
 * Blocks a service for a moment after its guard was deleted. A program may have been told that its
 * datagram is protected, and have been stopped before it sent it.
 */
#ifndef BTNS_LATCH_GUARD_LATE_SENDS_H
#define BTNS_LATCH_GUARD_LATE_SENDS_H

#include "btnsd/latch/guard/guard.h"

/* If a thread is stopped for longer between btnsd's answer and its call, it sends in the clear. */
#define LATE_SEND_MS 2000
/* At most so many services are blocked at once; for one more, the oldest block is deleted early. */
#define LATE_SENDS 1024

/*
 * Call it before the entries of g are deleted; out is its outgoing one. If a datagram can still
 * come, the service is blocked for a moment. A new guard has precedence over the block.
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
