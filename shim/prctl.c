/*
 * prctl(): notices that the program installs a seccomp filter, which may kill it for a system call.
 */
#include "shim/prctl.h"

#include "shim/calls.h"

#include <sys/prctl.h>

static bool entered;

void prctl_sandbox_enter(void)
{
    __atomic_store_n(&entered, true, __ATOMIC_RELAXED);
}

bool prctl_sandbox_entered(void)
{
    return __atomic_load_n(&entered, __ATOMIC_RELAXED);
}

int shim_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    if (option == PR_SET_SECCOMP)
        prctl_sandbox_enter();
    return REAL(prctl, option, a, b, c, d);
}
