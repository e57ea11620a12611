/* The life of a guard: its events. */
#ifndef BTNS_LATCH_GUARD_LIFE_H
#define BTNS_LATCH_GUARD_LIFE_H

#include "btnsd/latch/guard/guard.h"

/* the only way a guard's state changes. */
void guard_event(struct guard *g, enum guard_event e);
/* No protection to be had: GE_FAIL_LATCHED or GE_FAIL_UNUSED, with the reason. */
void guard_fail(struct guard *g, enum btns_reason code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A failed one tries again now. */
void guard_retry(struct guard *g);
/* The SA that it was to close is closed: at once, or when the caller has returned. */
void guard_closed(struct guard *g);
void guard_closed_soon(struct guard *g);
/* A use of g has just ended: its linger time begins. */
void guard_used(struct guard *g);
/* Looks after `ms`, or sooner, whether g is still used. */
void guard_sweep_after(struct guard *g, unsigned ms);

#endif
