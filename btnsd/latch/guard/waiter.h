/* A request that waits for a guard. */
#ifndef BTNS_LATCH_GUARD_WAITER_H
#define BTNS_LATCH_GUARD_WAITER_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

struct guard;

/* Embedded in its owner. */
struct waiter {
    struct waiter *next;
    struct guard *guard; /* NULL: not waiting */
    bool prefer;         /* told of a failure only after the guard is out of the way */
    /* The guard is closed inwards, and about to open outwards; may be NULL. */
    void (*opening)(struct waiter *w);
    void (*granted)(struct waiter *w);
    /* clear: the guard is gone, so packets may go unprotected where the rule allows it. */
    void (*refused)(struct waiter *w, bool clear, enum btns_reason code, const char *why);
};

#endif
