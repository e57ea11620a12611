/* How long a connect() waits for its guard, and what follows when that was too long. */
#ifndef BTNS_REQUESTS_CONNECT_LIMIT_H
#define BTNS_REQUESTS_CONNECT_LIMIT_H

#include "btnsd/requests/connect_pending.h"

/*
 * Waits for p->ms from now on. A first answer of the host is waited for p->first_ms alone, unless
 * that is 0. The end is p->wait.refused(), or guard_fail().
 */
void connect_limit_begin(struct pending *p);

#endif
