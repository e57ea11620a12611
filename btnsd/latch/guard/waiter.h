/* A request that waits for a guard to come up. */
#ifndef BTNS_LATCH_GUARD_WAITER_H
#define BTNS_LATCH_GUARD_WAITER_H

#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct guard;
struct suite;

/* Embedded in the request. */
struct waiter {
    struct waiter *next, **link; /* link: the pointer that points to this waiter */
    struct guard *guard;         /* NULL: not waiting */
    uint64_t limit;              /* ms, loop_now: how long it waits */
    bool holds; /* its program does not wait: it relies on the kernel to hold its packets */
    const struct suite *suite; /* the suite that its rule asks for; NULL: any */
    /*
     * Its rule only prefers protection. refused() is called after the guard's entries are deleted,
     * or while they still hold its packets.
     */
    bool prefer;
    /* The incoming entry is written, and the outgoing one is about to be. May be NULL. */
    void (*opening)(struct waiter *w);
    void (*granted)(struct waiter *w);
    /* clear: the guard's entries no longer stop the program's packets in the clear. */
    void (*refused)(struct waiter *w, bool clear, enum btns_reason code, const char *why);
};

/* w no longer waits. */
static inline void waiter_leave(struct waiter *w)
{
    *w->link = w->next;
    if (w->next)
        w->next->link = w->link;
    w->guard = NULL;
}

#endif
