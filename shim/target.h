/* The destination of a connect(), read once. */
#ifndef SHIM_TARGET_H
#define SHIM_TARGET_H

#include "libapi/wire/addr.h"

/*
 * A copy, so that btnsd is asked about the same address to which the socket is connected, even if
 * another thread changes the program's structure meanwhile.
 */
struct target {
    struct sockaddr_storage ss;
    socklen_t len;
    struct btns_addr remote; /* the address to which the kernel connects */
};

/*
 * Returns false if a TCP socket cannot be connected to this address; the kernel then reports the
 * error.
 */
bool target_read(struct target *t, const struct sockaddr *addr, socklen_t len);

#endif
