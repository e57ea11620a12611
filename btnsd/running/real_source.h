/* Moves a latch to the guard for the source address that the kernel chose for its connection. */
#ifndef BTNS_RUNNING_REAL_SOURCE_H
#define BTNS_RUNNING_REAL_SOURCE_H

#include "btnsd/state/daemon.h"

/* If the connection's latch has a guard for another source address, it moves to the right one. */
void real_source_follow(struct btnsd *d, const struct sock_entry *e);
/*
 * The same for every connection of this host. A connection that was established although no guard
 * is for its source address went in the clear: it is reset.
 */
void real_source_follow_all(struct btnsd *d);
/*
 * The kernel holds a packet to a guarded service that left from an address of ours without a guard.
 * flow: its addresses and ports, and the reqid of the template that holds it.
 */
void real_source_acquired(struct btnsd *d, const struct spd_entry *flow);

#endif
