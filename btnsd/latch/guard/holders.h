/*
 * Tracks what uses a guard: its latches, the requests that wait for it, and sockets that have
 * ended.
 */
#ifndef BTNS_LATCH_GUARD_HOLDERS_H
#define BTNS_LATCH_GUARD_HOLDERS_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/waiter.h"

void guard_hold(struct guard *g);
void guard_release(struct guard *g);
void guard_wait(struct guard *g, struct waiter *w);
void guard_unwait(struct waiter *w);
/* The latest time limit of the requests that wait; 0: none waits. */
uint64_t guard_limit(const struct guard *g);
/* Ends the use of guards by this socket, which the kernel destroyed. */
void guards_socket_gone(struct guards *gs, const struct sock_entry *e);

#endif
