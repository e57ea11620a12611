/* Handles a guard's events. */
#ifndef BTNS_LATCH_GUARD_LIFE_H
#define BTNS_LATCH_GUARD_LIFE_H

#include "btnsd/latch/guard/guard.h"

/* Handles an event. Nothing else changes a guard's state. */
void guard_event(struct guard *g, enum guard_event e);
/* Protection failed: sends GE_FAIL_LATCHED or GE_FAIL_UNUSED and sets the reason. */
void guard_fail(struct guard *g, enum btns_reason code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A failed guard tries again now. */
void guard_retry(struct guard *g);
/*
 * At start: g's connections are an earlier btnsd's, and it protects only what the kernel answers to
 * their peers (left_sas.h).
 */
void guard_only_answers(struct guard *g);
/* Frees g. If it has replaced a guard that stays for SAs, that one comes back. */
void guard_end(struct guard *g);
/* The peer has g's SAs again that it may have lost. */
void guard_restored(struct guard *g);
/* The guard's SA is closed: sends the event now, or (_soon) after the caller has returned. */
void guard_closed(struct guard *g);
void guard_closed_soon(struct guard *g);
/* A connection of g has ended: starts the linger time. */
void guard_used(struct guard *g);
/* Checks in at most `ms` whether g is still used. */
void guard_sweep_after(struct guard *g, unsigned ms);

#endif
