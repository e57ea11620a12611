/* Drops latches of sockets whose end the kernel did not report. */
#ifndef BTNS_RUNNING_LOST_SOCKETS_H
#define BTNS_RUNNING_LOST_SOCKETS_H

#include "btnsd/state/daemon.h"

/* Reports from the kernel were lost: compares every latch with the kernel's sockets. */
void lost_sockets_compare(struct btnsd *d);
/*
 * A latch was made for a cookie that a program announced. The kernel reports the socket's end only
 * if the socket exists, so the latch is checked again until the kernel was seen to have the socket.
 */
void lost_sockets_expect(struct btnsd *d);
/* Checks all latches now; the two functions above call it. */
void lost_sockets_sweep(struct btnsd *d);

#endif
