/* May this socket be connected, may it listen? */
#ifndef BTNS_SHIM_PERMIT_H
#define BTNS_SHIM_PERMIT_H

#include "libapi/wire/addr.h"

enum permit_how {
    PERMIT_WAIT, /* as long as the socket would block in connect() */
    PERMIT_HOLD, /* as long as btnsd takes, whatever signals are handled */
    PERMIT_NOW,  /* at once: the kernel holds the SYN, or the datagrams */
};

enum permit {
    PERMIT_GO,
    PERMIT_OTHER,  /* go on without the mark: this is no socket that btnsd is asked about, or the
                      supervisor asks */
    PERMIT_WITHIN, /* PERMIT_WAIT only: go on for the milliseconds in *error, of the socket's own
                      limit */
    PERMIT_REFUSE,
    PERMIT_LATER, /* PERMIT_WAIT only: connect() would have returned with its work unfinished */
};

/*
 * *error is the call's errno unless PERMIT_GO. Whenever btnsd was waited for, fd is found to be
 * still the socket that it was: EBADF otherwise, whatever has got its number.
 */
enum permit permit_connect(int fd, const struct btns_addr *remote, enum permit_how how, int *error);
/* A datagram to this address, by whatever socket. PERMIT_OTHER as above. */
enum permit permit_send(int fd, const struct btns_addr *remote, int flags, int *error);
enum permit permit_listen(int fd, const struct btns_addr *local, int protocol, int *error);
/* May this connection, which came in before its listener had a verdict, be accepted? */
enum permit permit_accepted(int fd, const struct btns_addr *local, const struct btns_addr *remote,
                            int protocol, int *error);

#endif
