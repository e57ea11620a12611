/*
 * System calls that the shim makes for itself. They are never interposed (by the shim or by another
 * preloaded library), are no cancellation points, and return -errno. A cancellation point here
 * could leak a descriptor; a cleanup handler would not run if the program leaves connect() by
 * longjmp().
 */
#ifndef SHIM_RAW_H
#define SHIM_RAW_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline long raw_result(long rc)
{
    return rc == -1 ? -errno : rc;
}

#define RAW(name, ...) raw_result(syscall(SYS_##name, __VA_ARGS__))

#endif
