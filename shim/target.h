/* The destination of a connect(), read once. */
#ifndef SHIM_TARGET_H
#define SHIM_TARGET_H

#include "libapi/wire/addr.h"

/*
 * A copy: what btnsd was asked about is what the socket is connected to, whatever another thread
 * does to the program's structure meanwhile.
 */
struct target {
    struct sockaddr_storage ss;
    socklen_t len;
    struct btns_addr remote; /* where the kernel would go */
};

/* False: nothing that a TCP socket could be connected to; the kernel will say what is wrong. */
bool target_read(struct target *t, const struct sockaddr *addr, socklen_t len);

#endif
