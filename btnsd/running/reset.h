/* Ends a program's connection as though its peer had reset it. */
#ifndef BTNS_RESET_H
#define BTNS_RESET_H

#include "btnsd/state/daemon.h"

/*
 * What a latch that is closed for good asks for (latching -08, section 2.2): the program's next
 * call gets ECONNRESET (ECONNABORTED where the kernel does it; one that waits may get EPIPE), the
 * peer gets a reset, protected as the guard says. 0; -ESRCH when nobody who could have it does,
 * else -errno.
 */
int reset_connection(struct btnsd *d, const struct latch *l);

#endif
