/* Puts a new generation of the host's rules into force, as a whole or not at all. */
#ifndef BTNS_RUNNING_RELOAD_H
#define BTNS_RUNNING_RELOAD_H

#include "btnsd/state/daemon.h"

/* 0, or -errno with d->refused set; the old generation then stays in force. */
int btnsd_reload(struct btnsd *d);
/* At start: writes the mandatory rules' SPD entries, and deletes those that an earlier btnsd left
 * for other rules. 0, or -errno with err. */
int rules_into_kernel(struct btnsd *d, struct err *err);

#endif
