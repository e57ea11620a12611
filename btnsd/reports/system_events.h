/* What the administrator's IKE daemon reports, and whom it concerns. */
#ifndef BTNS_SYSTEM_EVENTS_H
#define BTNS_SYSTEM_EVENTS_H

#include "btnsd/ike/system/system.h"
#include "btnsd/state/daemon.h"

/* Nothing is connected before a rule needs it. 0 or -1: no memory. */
int system_events_watch(struct btnsd *d, const char *socket);

#endif
