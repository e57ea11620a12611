/* connect()s whose guard is not up yet. */
#ifndef BTNS_WAITING_H
#define BTNS_WAITING_H

#include "btnsd/plan/connect_plan.h"
#include "btnsd/requests/table.h"

/*
 * The verdict follows when the guard is up, has failed or took too long; a non-blocking connect()
 * has it at once, and its socket, which is taken from the request, is deaf until then.
 */
void wait_for(struct btnsd *d, struct request *r, const struct btns_flow *q,
              const struct plan *plan, struct guard *g);

#endif
