/* A guard's turn: charon works at so many exchanges of a user at once, and the others wait. */
#ifndef BTNS_LATCH_GUARD_EXCHANGE_TURN_H
#define BTNS_LATCH_GUARD_EXCHANGE_TURN_H

#include "btnsd/latch/guard/guard.h"

/* May charon begin an exchange for g now? If not, g->queued is set. */
bool guard_takes_turn(struct guard *g);
/* Why g waits for its turn, for a person. */
void guard_turn_says(const struct guard *g, struct err *err);
/*
 * May g, which is new, ask for an exchange: now, or by waiting for its turn behind others? What
 * only prefers protection does not wait behind many. False with err.
 */
bool guard_may_wait_turn(const struct guard *g, bool prefer, struct err *err);
/* g comes under the limits of this user from now on. False: they are reached. */
bool guard_set_account(struct guard *g, uid_t uid);
/* g is about to be freed. */
void guard_leave_account(struct guard *g);

#endif
