/*
 * The child SA for ICMP errors. A datagram to a port where no socket is, or one that a firewall
 * rejects, is answered by an ICMP error that repeats it. Between two addresses with a guard of
 * datagrams, the end that asked for the service asks for a child SA for ICMP as well: right after
 * the guard is up, in the background, so that nobody waits for it; not for TCP alone. Errors then
 * go in ESP, with the key that is latched between the two addresses (latch/guard/icmp_errors.h),
 * and a program gets ECONNREFUSED as without protection. Without the child, as with a peer that
 * refuses it, they are blocked.
 *
 * It cannot wait for the first error: the kernel does not hold an ICMP error as it holds a
 * datagram. One that comes before the SA is up is lost.
 */
#ifndef BTNS_LATCH_KEYING_ICMP_CHILD_H
#define BTNS_LATCH_KEYING_ICMP_CHILD_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/xfrm/snapshot.h"

/* Requests at a time: each takes a thread of charon's. */
#define ICMP_ASKS 4
/* Children that this host asks for; with further peers errors are blocked. */
#define ICMP_CHILDREN 256

/* False: the new SA, which is good enough for a latch, is not such a child's. */
bool icmp_child_took(struct guards *gs, const struct sad_entry *sa);
void icmp_child_gone(struct guards *gs, const struct sad_entry *sa);
/* Reports were lost: forgets SAs that the SAD does not have. */
void icmp_children_compare(struct guards *gs, const struct sad_snapshot *sad);
/* g's state has changed: asks for the child, has it ended, or blocks errors again. */
void icmp_child_follow(const struct guard *g);

#endif
