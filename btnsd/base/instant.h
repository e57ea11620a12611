/* A moment that the kernel's stamps of packets can be compared with. */
#ifndef BTNS_BASE_INSTANT_H
#define BTNS_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

/* Packets are stamped by the clock that people set, which may jump. */
struct instant {
    int64_t mono;  /* ns, CLOCK_MONOTONIC; 0: not known */
    int64_t real;  /* ns, CLOCK_REALTIME */
    int64_t apart; /* ns that the two readings are apart at most */
};

struct instant instant_now(void);
/* Has somebody set the clock between the two? Pure. */
bool instant_clock_was_set(const struct instant *then, const struct instant *now);
/*
 * Was `then` certainly before the packet that has this stamp (ns, CLOCK_REALTIME; 0: none)? Not if
 * the clock was set between `then` and now, or the stamp is of the future. Pure.
 */
bool instant_surely_before(const struct instant *then, const struct instant *now, int64_t stamp);
/* Was `then` certainly longer than so many ns after it? Likewise. */
bool instant_surely_after(const struct instant *then, const struct instant *now, int64_t stamp,
                          int64_t ns);

#endif
