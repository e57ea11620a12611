/* Sends a datagram of the program by its socket, to the address that was judged. */
#ifndef BTNS_SHIM_SUPERVISE_DATAGRAM_H
#define BTNS_SHIM_SUPERVISE_DATAGRAM_H

#include "shim/supervise/look.h"

/*
 * What the program's call returns, or -errno. Of the messages of sendmmsg() the first is sent: the
 * program then calls again with the others. -ESRCH: nobody waits for it any more.
 */
long datagram_send(const struct caller *c, const struct sight *s);

#endif
