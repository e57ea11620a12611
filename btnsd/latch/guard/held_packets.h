/*
 * How long a guard that was never up holds packets in the kernel, for programs that do not wait.
 * It holds those of other programs to the same service, too, so it must not do so for longer than a
 * moment when nobody answers (invariant 4: other programs' clear traffic is not broken).
 */
#ifndef BTNS_LATCH_GUARD_HELD_PACKETS_H
#define BTNS_LATCH_GUARD_HELD_PACKETS_H

#include "btnsd/latch/guard/guard.h"

/* So many times longer where the peer has answered: it takes four round trips at most. */
#define HOLD_ANSWERED 3

/*
 * g holds packets from now on: for `ms`, guards.hold_ms at most, or HOLD_ANSWERED times that if the
 * peer has answered by then. After that requests that rely on it are refused; those whose programs
 * wait go on waiting, and so does the exchange: the next request may find its SA. 0 or -errno.
 */
int guard_hold_packets(struct guard *g, unsigned ms);
/* Requests that rely on it are refused from now on: it held packets long enough. */
bool guard_held_out(const struct guard *g);

#endif
