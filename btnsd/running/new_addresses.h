/* Reacts to changes of this host's addresses and routes. */
#ifndef BTNS_RUNNING_NEW_ADDRESSES_H
#define BTNS_RUNNING_NEW_ADDRESSES_H

#include "btnsd/state/daemon.h"

/*
 * Handles the changes that the kernel has reported by now: ends cached verdicts, and holds packets
 * to guarded services from new addresses. Called when there is a report, and before a connect() is
 * judged, which may leave from an address that was added a moment ago.
 */
void new_addresses_follow(struct btnsd *d);

#endif
