/* A new generation of the host's rules: whole, or not at all. */
#ifndef BTNS_RUNNING_RELOAD_H
#define BTNS_RUNNING_RELOAD_H

#include "btnsd/state/daemon.h"

/* 0, or -errno with the old generation in force and d->refused set. */
int btnsd_reload(struct btnsd *d);
/* At start: puts the mandatory rules' entries into the SPD, and takes away those that an earlier
 * btnsd left of other rules. 0, or -errno with err. */
int rules_into_kernel(struct btnsd *d, struct err *err);

#endif
