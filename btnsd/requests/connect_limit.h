/* How long a connect() waits for its guard, and what follows when its time is over. */
#ifndef BTNS_REQUESTS_CONNECT_LIMIT_H
#define BTNS_REQUESTS_CONNECT_LIMIT_H

#include "btnsd/requests/connect_pending.h"

/*
 * Starts the time limit: p->ms from now on. The host's first answer is awaited for p->first_ms
 * only, unless that is 0. At the end p->wait.refused() or guard_fail() is called.
 */
void connect_limit_begin(struct pending *p);

#endif
