/* Finds the real functions behind the interposed calls. */
#include "shim/calls.h"

#include <dlfcn.h>
#include <stdbool.h>

static const char *const names[CALL_COUNT] = {
#define WORK(ret, name, params, args, nr) [CALL_##name] = #name,
#include "shim/calls.def"
};

const long real_syscall[CALL_COUNT] = {
#define WORK(ret, name, params, args, nr) [CALL_##name] = nr,
#include "shim/calls.def"
};

/* No lock is needed: every thread writes the same value into a slot. */
void *real_found[CALL_COUNT];

/*
 * Set during dlsym(), which may call an interposed function, for example from a replaced malloc().
 */
static __thread bool searching __attribute__((tls_model("initial-exec")));

void *real_find(enum call call)
{
    if (searching)
        return NULL;
    searching = true;
    void *f = dlsym(RTLD_NEXT, names[call]);
    searching = false;
    __atomic_store_n(&real_found[call], f, __ATOMIC_RELAXED);
    return f;
}

long real_by_number(long number, long a, long b, long c, long d, long e, long f)
{
    long rc = raw_syscall(number, a, b, c, d, e, f);
    if (rc >= 0)
        return rc;
    errno = (int)-rc;
    return -1;
}

void real_find_all(void)
{
    for (int i = 0; i < CALL_COUNT; i++)
        real_find((enum call)i);
}
