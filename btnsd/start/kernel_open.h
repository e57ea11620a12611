/*
 * Opens btnsd's interfaces to the kernel besides the SPD: socket tables, addresses, suites, reqids.
 */
#ifndef BTNS_START_KERNEL_OPEN_H
#define BTNS_START_KERNEL_OPEN_H

#include "btnsd/state/daemon.h"

/* The reqids of an earlier btnsd are in the file `reqids`. 0, or -errno with the reason in err. */
int kernel_open(struct btnsd *d, const char *reqids, struct err *err);

#endif
