/* The listening sockets that this process knows. */
#ifndef BTNS_SHIM_LISTENERS_H
#define BTNS_SHIM_LISTENERS_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stdint.h>

/* btnsd was asked about the listener with this cookie, or found to be away. */
void listener_known(uint64_t cookie, int protocol, const struct btns_addr *local);
struct listener {
    bool known;     /* btnsd was asked about it */
    bool has_older; /* see listener_has_older() */
    int protocol;   /* its number; 0: not known */
};
struct listener listener_find(uint64_t cookie);
enum { LISTENER_SUPERVISED = -1 };
/*
 * Sees that btnsd has been asked about it: the first accept() on one that was inherited asks.
 * Returns 0, LISTENER_SUPERVISED (the supervisor asks, at a call without the mark), or an errno:
 * nothing may be accepted on it (EBADF: it is another socket now).
 */
int listener_admit(int fd, uint64_t cookie, int protocol);
/*
 * May a connection that was accepted on it have been there before btnsd's floor? Then it has to be
 * asked about. Each is counted once.
 */
bool listener_has_older(uint64_t cookie);
/* The local address of a connection that it accepted. False: it is known of the connection alone.
 */
bool listener_local(uint64_t cookie, struct btns_addr *local);
/* No rule applies to it. */
bool listener_is_clear(uint64_t cookie);

#endif
