/* The listening sockets about which this process has asked btnsd. */
#ifndef BTNS_SHIM_LISTENERS_H
#define BTNS_SHIM_LISTENERS_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stdint.h>

/* Notes that btnsd was asked about the listener with this cookie, or could not be reached. */
void listener_known(uint64_t cookie, int protocol, const struct btns_addr *local);
struct listener {
    bool known;             /* btnsd was asked about it */
    bool has_older;         /* see listener_has_older() */
    bool clear;             /* maybe: see listener_is_clear() */
    bool latched;           /* btnsd has a latch for it, by which it finds the connections */
    int protocol;           /* its number; 0: not known */
    struct btns_addr local; /* its own; family 0: each connection has another one */
};
struct listener listener_find(uint64_t cookie);
enum { LISTENER_SUPERVISED = -1 };
/*
 * Makes sure that btnsd was asked about the listener: asks at the first accept() on an inherited
 * one. Returns 0, LISTENER_SUPERVISED (call accept() without the mark, so that the supervisor
 * asks), or the errno with which accept() has to fail (EBADF: fd is another socket now).
 */
int listener_admit(int fd, uint64_t cookie, int protocol);
/*
 * May the connection that was just accepted be older than btnsd's floor? Then btnsd has to be asked
 * about it. Each call counts one connection.
 */
bool listener_has_older(uint64_t cookie);
/* Does no rule apply to the listener? */
bool listener_is_clear(uint64_t cookie);

#endif
