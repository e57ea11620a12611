/* The supervisor's work: answers each call that the filter stops, until no process is left. */
#ifndef BTNS_SHIM_SUPERVISE_NOTICES_H
#define BTNS_SHIM_SUPERVISE_NOTICES_H

#include "shim/supervise/supervision.h"

/*
 * Handles the notifications that wait on the filter's descriptor. Returns false when no process is
 * under the filter any more.
 */
bool notices_ready(const struct supervision *v, int listener);
/* While this is true, call notices_tick() every NOTICES_TICK milliseconds. */
bool notices_busy(void);
enum { NOTICES_TICK = 50 };
void notices_tick(void);

#endif
