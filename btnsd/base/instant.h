/* A point in time that can be compared with the kernel's time stamps of packets. */
#ifndef BTNS_BASE_INSTANT_H
#define BTNS_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

/* The kernel stamps packets by CLOCK_REALTIME, which people set and which may jump. */
struct instant {
    int64_t mono;  /* ns, CLOCK_MONOTONIC; 0: not known */
    int64_t real;  /* ns, CLOCK_REALTIME */
    int64_t apart; /* the two clocks were read within this many ns of each other */
};

struct instant instant_now(void);
/* Has somebody set CLOCK_REALTIME between the two instants? Pure. */
bool instant_clock_was_set(const struct instant *then, const struct instant *now);
/*
 * Did the packet with this stamp (ns, CLOCK_REALTIME; 0: none) certainly come after `then`? False
 * if the clock was set between `then` and now, or if the stamp is in the future. Pure.
 */
bool instant_surely_before(const struct instant *then, const struct instant *now, int64_t stamp);
/*
 * Did the packet with this stamp certainly come more than this many ns before `then`? False in the
 * same cases.
 */
bool instant_surely_after(const struct instant *then, const struct instant *now, int64_t stamp,
                          int64_t ns);

#endif
