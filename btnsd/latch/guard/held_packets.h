/*
 * Limits how long a guard that was never up holds packets in the kernel, for programs that do not
 * wait. Such a guard also holds other programs' packets to the same service, so when nobody answers
 * it may do so only for a moment (invariant 4: other programs' clear traffic is not broken).
 */
#ifndef BTNS_LATCH_GUARD_HELD_PACKETS_H
#define BTNS_LATCH_GUARD_HELD_PACKETS_H

#include "btnsd/latch/guard/guard.h"

/*
 * The limit is this many times longer if the peer has answered: the exchange takes four round trips
 * at most.
 */
#define HOLD_ANSWERED 3

/*
 * From now on g holds packets, for `ms`, but for guards.hold_ms at most; for HOLD_ANSWERED times as
 * long if the peer has answered by then. After that, requests that rely on holding are refused.
 * Requests whose programs wait go on waiting. The exchange goes on as well, so that the next
 * request may find an SA. 0 or -errno.
 */
int guard_hold_packets(struct guard *g, unsigned ms);
/* True: g has held packets for as long as it may, so requests that rely on holding are refused. */
bool guard_held_out(const struct guard *g);

#endif
