/*
 * System calls for the shim's own purposes: never interposed (by us or by another preloaded
 * library), never a cancellation point, and they return -errno. A cancellation point in here could
 * leak a descriptor; a cleanup handler would not survive a program that longjmp()s out of
 * connect().
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
