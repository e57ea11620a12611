/* The mark goes in the last argument register (supervise/filter.c), which libc does not set. */
#include "shim/mark.h"

#include "libapi/wire/probe.h"
#include "shim/settings.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <pthread.h>

static bool of_libc[CALL_COUNT];

/*
 * Is this process under the filter with this mark? The environment may still have the mark of a
 * filter that is gone.
 */
static bool is_under_marked_filter(uint64_t mark)
{
    long rc = raw_syscall(SYS_getsockopt, -1, BTNS_PROBE_LEVEL, 0, 0, 0, (long)mark);
    return rc == -BTNS_PROBE_RULES || rc == -BTNS_PROBE_REQUIRE;
}

/*
 * The library is found at start, because dladdr() must not be called from a signal handler; and
 * before the constructor in inherited.c, which asks btnsd about sockets.
 */
__attribute__((constructor(200))) static void find_libc_to_mark(void)
{
    Dl_info libc, real;
    uint64_t mark = settings()->mark;
    if (!mark || !is_under_marked_filter(mark) ||
        !dladdr((void *)(uintptr_t)gnu_get_libc_version, &libc))
        return;
    for (int i = 0; i < CALL_COUNT; i++)
        of_libc[i] = dladdr(real_function((enum call)i), &real) && real.dli_fbase == libc.dli_fbase;
    raw_mark = mark;
}

bool mark_replaces(enum call call)
{
    return of_libc[call];
}

long mark_call(unsigned long mark, long number, long a, long b, long c, long d)
{
    int type;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    long rc = raw_syscall(number, a, b, c, d, 0, (long)mark);
    pthread_setcanceltype(type, NULL);
    if (rc >= 0)
        return rc;
    errno = (int)-rc;
    return -1;
}
