/* Sends the program's datagram to the address that was judged. */
#ifndef BTNS_SHIM_SUPERVISE_DATAGRAM_H
#define BTNS_SHIM_SUPERVISE_DATAGRAM_H

#include "shim/supervise/look.h"

/*
 * Returns the result of the program's call, or -errno. Of sendmmsg()'s messages only the first is
 * sent: the program calls again for the others. -ESRCH: the program does not wait any more.
 */
long datagram_send(const struct supervision *v, const struct caller *c, const struct sight *s);

#endif
