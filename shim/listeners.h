/* The listening sockets that this process knows. */
#ifndef SHIM_LISTENERS_H
#define SHIM_LISTENERS_H

#include <stdbool.h>
#include <stdint.h>

/* btnsd was asked about the listener with this cookie, or told that it is away. */
void listener_known(uint64_t cookie);
/*
 * Sees that btnsd has been asked about it: the first accept() on one that was inherited asks.
 * Returns 0, or an errno: nothing may be accepted on it (EBADF: it is another socket now).
 */
int listener_admit(int fd, uint64_t cookie, int protocol);
/*
 * May a connection that was accepted on it have been there before btnsd's floor? Then it has to be
 * asked about. Each is counted once.
 */
bool listener_has_older(uint64_t cookie);
/* No rule applies to it. */
bool listener_is_clear(uint64_t cookie);

#endif
