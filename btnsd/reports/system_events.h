/* Passes reports of the system's IKE daemon (keys = system) to guards and events. */
#ifndef BTNS_REPORTS_SYSTEM_EVENTS_H
#define BTNS_REPORTS_SYSTEM_EVENTS_H

#include "btnsd/ike/system/system.h"
#include "btnsd/state/daemon.h"

/* Connects to the daemon only when a rule needs it. 0, or -1: out of memory. */
int system_events_watch(struct btnsd *d, const char *socket);

#endif
