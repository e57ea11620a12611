/*
 * Limits how many exchanges of one user charon works on at once; the user's other guards wait for
 * their turn.
 */
#ifndef BTNS_LATCH_GUARD_EXCHANGE_TURN_H
#define BTNS_LATCH_GUARD_EXCHANGE_TURN_H

#include "btnsd/latch/guard/guard.h"

/* May charon begin an exchange for g now? If not, g is queued, and g->queued is set. */
bool guard_takes_turn(struct guard *g);
/* Explains to a person why g waits for its turn. */
void guard_turn_says(const struct guard *g, struct err *err);
/*
 * May g, which is new, ask for an exchange, either now or after others in the queue? A request that
 * only prefers protection does not wait behind many others. False with err.
 */
bool guard_may_wait_turn(const struct guard *g, bool prefer, struct err *err);
/* From now on g counts against this user's limits. False: they are reached. */
bool guard_set_account(struct guard *g, uid_t uid);
/* g is about to be freed, and counts against no limit any more. */
void guard_leave_account(struct guard *g);

#endif
