/*
 * Puts a new generation of the host's rules, and of its files about peers, into force, completely
 * or not at all.
 */
#ifndef BTNS_RUNNING_RELOAD_H
#define BTNS_RUNNING_RELOAD_H

#include "btnsd/state/daemon.h"

/* 0, or -errno with d->refused set; the old generation then stays in force. */
int btnsd_reload(struct btnsd *d);
/* Logs, once, why the newest policy is refused. */
void reload_refuse(struct btnsd *d, const struct err *err);

#endif
