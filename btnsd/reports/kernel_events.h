/* Passes reports of the kernel (SPD, SAD, sockets, addresses) to guards, floors and latches. */
#ifndef BTNS_REPORTS_KERNEL_EVENTS_H
#define BTNS_REPORTS_KERNEL_EVENTS_H

#include "btnsd/state/daemon.h"

/* 0 or -errno */
int kernel_events_watch(struct btnsd *d);

#endif
