/*
 * System calls that the shim makes for itself. They are never interposed (by the shim or by another
 * preloaded library), are no cancellation points, and return -errno. A cancellation point here
 * could leak a descriptor; a cleanup handler would not run if the program leaves connect() by
 * longjmp().
 */
#ifndef BTNS_SHIM_RAW_H
#define BTNS_SHIM_RAW_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns the call's result or -errno. errno itself is not changed. */
long raw_syscall(long number, long a, long b, long c, long d, long e, long f);

/*
 * The mark that calls carry in their last argument register past btns-run's filter (mark.h), or 0.
 * It is passed in each unused last argument.
 */
extern unsigned long raw_mark;

#define RAW(name, ...)                                                                             \
    RAW_FILL(SYS_##name, ##__VA_ARGS__, raw_mark, raw_mark, raw_mark, raw_mark, raw_mark, raw_mark)
#define RAW_FILL(nr, ...) RAW_SIX(nr, __VA_ARGS__)
#define RAW_SIX(nr, a, b, c, d, e, f, ...)                                                         \
    raw_syscall(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#endif
