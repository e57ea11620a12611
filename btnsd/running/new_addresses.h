/* This host's addresses and routes change. */
#ifndef BTNS_RUNNING_NEW_ADDRESSES_H
#define BTNS_RUNNING_NEW_ADDRESSES_H

#include "btnsd/state/daemon.h"

/*
 * Does what follows from the changes that the kernel has reported by now: cached verdicts end, and
 * packets to guarded services from a new address are held. Called when there is a report, and
 * before a connect() is judged, which may leave from an address that was added a moment ago.
 */
void addresses_follow(struct btnsd *d);

#endif
