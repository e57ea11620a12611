/*
 * syscall(): handles the intercepted calls by their numbers, as language runtimes and some
 * libraries make them. All other numbers are passed on.
 */
#include "shim/calls.h"
#include "shim/known.h"
#include "shim/prctl.h"

#include <stdint.h>

#define I(n) (int)(n)
#define U(n) (unsigned)(n)
#define Z(n) (size_t)(n)
#define L(n) (unsigned long)(n)
#define P(n) (void *)(uintptr_t)(n)

typedef long libc_syscall(long number, long a, long b, long c, long d, long e, long f);

static bool syscall_makes_process(long number)
{
    switch (number) {
#ifdef SYS_fork
    case SYS_fork:
    case SYS_vfork:
#endif
    case SYS_clone:
    case SYS_clone3:
        return true;
    default:
        return false;
    }
}

/* libc always passes on six arguments, and so does this function. */
long shim_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    if (number == SYS_seccomp)
        prctl_sandbox_enter();
    if (syscall_makes_process(number))
        known_give_up();
    switch (number) {
#define NUMBER(name, nr, args)                                                                     \
    case nr:                                                                                       \
        return shim_##name args;
#include "shim/calls.def"
    default:
        break;
    }
    libc_syscall *real = (libc_syscall *)real_function(CALL_syscall);
    return real ? real(number, a, b, c, d, e, f) : real_by_number(number, a, b, c, d, e, f);
}
