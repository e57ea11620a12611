/* Latches whose socket is gone, though nobody told. */
#ifndef BTNS_SOCKETS_H
#define BTNS_SOCKETS_H

#include "btnsd/state/daemon.h"

/* Reports of ends were lost: every latch is compared with what the kernel has. */
void sockets_lost(struct btnsd *d);
/*
 * A latch was noted. Its end is reported, unless there never was such a socket: anybody can
 * announce any cookie. So it is looked after for as long as the kernel was not seen to have it.
 */
void sockets_expect(struct btnsd *d);
/* What both come to. */
void sockets_sweep(struct btnsd *d);

#endif
