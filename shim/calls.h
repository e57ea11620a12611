/*
 * The interposed calls and the real functions behind them, generated from calls.def. Each shim_NAME
 * that does work restores errno before it calls the real function; the functions that it uses do
 * not restore errno.
 */
#ifndef BTNS_SHIM_CALLS_H
#define BTNS_SHIM_CALLS_H

#include "shim/raw.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Processors that came to Linux late have no numbers for calls that had a better form by then. */
#ifndef SYS_accept
#define SYS_accept (-2)
#endif
#ifndef SYS_dup2
#define SYS_dup2 (-3)
#endif

/*
 * shim_NAME is exported under the assembler name NAME, so it does not clash with libc's
 * declarations (transparent unions, fortified variants), and shim code cannot call an interposed
 * function by mistake.
 */
#define WORK(ret, name, params, args, nr)                                                          \
    __attribute__((visibility("default"))) ret shim_##name params __asm__(#name);
#include "shim/calls.def"

enum call {
#define WORK(ret, name, params, args, nr) CALL_##name,
#include "shim/calls.def"
    CALL_COUNT
};

extern void *real_found[CALL_COUNT]; /* NULL: not looked up yet */
extern const long real_syscall[CALL_COUNT];

/*
 * The next definition of the call in link order; NULL if there is none: then use the system call.
 */
void *real_find(enum call call);
/*
 * Looks up every real function at start, because dlsym() must not be called from a signal handler.
 */
void real_find_all(void);

static inline void *real_function(enum call call)
{
    void *f = __atomic_load_n(&real_found[call], __ATOMIC_RELAXED);
    return __builtin_expect(!!f, 1) ? f : real_find(call);
}

/* Enters the kernel as libc would: -1 and errno. */
long real_by_number(long number, long a, long b, long c, long d, long e, long f);

#define REAL(name, ...)                                                                            \
    ({                                                                                             \
        __typeof__(&shim_##name) real_ = (__typeof__(&shim_##name))real_function(CALL_##name);     \
        real_ ? real_(__VA_ARGS__)                                                                 \
              : (__typeof__(shim_##name(__VA_ARGS__)))REAL_FILL(real_syscall[CALL_##name],         \
                                                                __VA_ARGS__, 0, 0, 0, 0, 0, 0);    \
    })
#define REAL_FILL(nr, a, b, c, d, e, f, ...)                                                       \
    real_by_number(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#endif
