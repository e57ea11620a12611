/* Asks btnsd whether a socket may connect, send or listen, and caches the answer. */
#ifndef BTNS_SHIM_PERMIT_H
#define BTNS_SHIM_PERMIT_H

#include "libapi/wire/addr.h"

#include <stdbool.h>

enum permit_how {
    PERMIT_WAIT, /* for as long as a blocking connect() would wait */
    PERMIT_HOLD, /* until btnsd answers, even if signals are handled */
    PERMIT_NOW,  /* not at all: the kernel holds the SYN or the datagrams */
};

enum permit {
    PERMIT_GO,
    /*
     * go on without the mark: this is no socket that btnsd is asked about, or the supervisor asks
     * (*error: the errno with which the call would fail otherwise)
     */
    PERMIT_OTHER,
    /* PERMIT_WAIT only: go on for the milliseconds in *error, of the socket's own limit */
    PERMIT_WITHIN,
    PERMIT_REFUSE,
    PERMIT_LATER, /* only with PERMIT_WAIT: return as connect() does while it still connects */
};

/*
 * Unless the result is PERMIT_GO, *error is the call's errno. After every wait for btnsd, fd is
 * checked to be the same socket still: if its number has got another file, the error is EBADF.
 */
enum permit permit_connect(int fd, const struct btns_addr *remote, enum permit_how how, int *error);
/* May fd send a datagram to this address? PERMIT_OTHER as above. */
enum permit permit_send(int fd, const struct btns_addr *remote, int flags, int *error);
/* Can this process not reach btnsd, while its supervisor can? */
bool permit_is_supervisors(void);
enum permit permit_listen(int fd, const struct btns_addr *local, int protocol, int *error);
/* May this connection, which came in before its listener had a verdict, be accepted? */
enum permit permit_accepted(int fd, const struct btns_addr *local, const struct btns_addr *remote,
                            int protocol, int *error);

#endif
