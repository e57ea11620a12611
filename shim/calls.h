/*
 * The interposed calls, and the real functions behind them, generated from calls.def. Each that
 * does work keeps errno as it was before it goes on to the real one; nothing below them does.
 */
#ifndef SHIM_CALLS_H
#define SHIM_CALLS_H

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/*
 * shim_NAME is exported under the assembler name NAME: so it cannot clash with libc's own
 * declarations (transparent unions, fortified variants), and nothing in here calls it by mistake.
 */
#define WORK(ret, name, params, args, nr)                                                          \
    __attribute__((visibility("default"))) ret shim_##name params __asm__(#name);
#include "shim/calls.def"

enum call {
#define WORK(ret, name, params, args, nr) CALL_##name,
#include "shim/calls.def"
    CALL_COUNT
};

extern void *real_found[CALL_COUNT]; /* NULL: not looked for yet */
extern const long real_syscall[CALL_COUNT];

/* The next definition of the call in link order, or NULL: then use the system call. */
void *real_find(enum call call);
/* Looks all of them up, so that no later call has to (dlsym() is not for signal handlers). */
void real_find_all(void);

static inline void *real_function(enum call call)
{
    void *f = __atomic_load_n(&real_found[call], __ATOMIC_RELAXED);
    return __builtin_expect(!!f, 1) ? f : real_find(call);
}

#define REAL(name, ...)                                                                            \
    ({                                                                                             \
        __typeof__(&shim_##name) real_ = (__typeof__(&shim_##name))real_function(CALL_##name);     \
        real_ ? real_(__VA_ARGS__)                                                                 \
              : (__typeof__(shim_##name(__VA_ARGS__)))syscall(real_syscall[CALL_##name],           \
                                                              __VA_ARGS__);                        \
    })

#endif
