/* May this socket be connected, may it listen? */
#ifndef SHIM_PERMIT_H
#define SHIM_PERMIT_H

#include "libapi/wire/addr.h"

enum permit_how {
    PERMIT_WAIT, /* wait as long as the socket would block in connect() */
    PERMIT_HOLD, /* wait until btnsd answers, even if signal handlers run */
    PERMIT_NOW,  /* do not wait: the kernel holds the SYN */
};

enum permit {
    PERMIT_GO,
    PERMIT_REFUSE,
    PERMIT_LATER, /* PERMIT_WAIT only: connect() would return EINTR or EINPROGRESS here */
};

/* Unless the result is PERMIT_GO, *error is the errno with which the call fails. */
enum permit permit_connect(int fd, const struct btns_addr *remote, enum permit_how how, int *error);
enum permit permit_listen(int fd, const struct btns_addr *local, int protocol, int *error);

#endif
