/* A point in time that can be compared with the kernel's time stamps of packets. */
#include "btnsd/base/instant.h"

#include <time.h>

#define QUICK 20000 /* ns */
#define TRIES 5

static int64_t read_instant_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct instant instant_now(void)
{
    struct instant best = {.apart = INT64_MAX};
    for (int i = 0; i < TRIES && best.apart > QUICK; i++) {
        struct instant t = {.mono = read_instant_ns(CLOCK_MONOTONIC),
                            .real = read_instant_ns(CLOCK_REALTIME)};
        t.apart = read_instant_ns(CLOCK_MONOTONIC) - t.mono;
        best = t.apart < best.apart ? t : best;
    }
    return best;
}

/*
 * The largest error of a comparison: in each instant, the two clocks were read one after the other.
 */
static int64_t instant_doubt(const struct instant *then, const struct instant *now)
{
    return then->apart + now->apart;
}

/* When NTP only corrects the clock, CLOCK_MONOTONIC follows. */
bool instant_clock_was_set(const struct instant *then, const struct instant *now)
{
    int64_t set = (now->real - then->real) - (now->mono - then->mono);
    return set > instant_doubt(then, now) || set < -instant_doubt(then, now);
}

static bool can_compare_instants(const struct instant *then, const struct instant *now,
                                 int64_t stamp)
{
    return then->mono && now->mono >= then->mono && stamp > 0 && stamp <= now->real &&
           !instant_clock_was_set(then, now);
}

bool instant_surely_before(const struct instant *then, const struct instant *now, int64_t stamp)
{
    int64_t passed = now->mono - then->mono, ago = now->real - stamp;
    return can_compare_instants(then, now, stamp) && passed - ago > instant_doubt(then, now);
}

bool instant_surely_after(const struct instant *then, const struct instant *now, int64_t stamp,
                          int64_t ns)
{
    int64_t passed = now->mono - then->mono, ago = now->real - stamp;
    return can_compare_instants(then, now, stamp) && ago - passed > instant_doubt(then, now) + ns;
}
