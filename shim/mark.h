/*
 * Marks the calls about which the shim has asked btnsd: the filter of btns-run's supervisor lets
 * them pass.
 */
#ifndef BTNS_SHIM_MARK_H
#define BTNS_SHIM_MARK_H

#include "shim/calls.h"

#include <stdbool.h>

/* Is there a mark, that is, a supervisor? */
static inline bool mark_is_drawn(void)
{
    return raw_mark != 0;
}
/*
 * Is the real call libc's? libc cannot pass on the mark, so mark_call() replaces it; another
 * library's function is called.
 */
bool mark_replaces(enum call call);
/* Enters the kernel with this mark, as libc would: a cancellation point; -1 and errno. */
long mark_call(unsigned long mark, long number, long a, long b, long c, long d);

/* The real call, with the mark if there is a supervisor. For calls of up to four arguments. */
#define PASS(name, ...)                                                                            \
    (mark_is_drawn() && mark_replaces(CALL_##name)                                                 \
         ? (__typeof__(shim_##name(__VA_ARGS__)))PASS_FILL(SYS_##name, __VA_ARGS__, 0, 0, 0, 0)    \
         : REAL(name, __VA_ARGS__))
/*
 * The real call, for the supervisor to ask about: it has the mark's complement, by which the
 * supervisor tells the program's own calls from those that libc makes within itself.
 */
#define LEAVE(name, ...)                                                                           \
    (mark_is_drawn() && mark_replaces(CALL_##name)                                                 \
         ? (__typeof__(shim_##name(__VA_ARGS__)))LEAVE_FILL(SYS_##name, __VA_ARGS__, 0, 0, 0, 0)   \
         : REAL(name, __VA_ARGS__))
#define LEAVE_FILL(nr, a, b, c, d, ...)                                                            \
    mark_call(~raw_mark, nr, (long)(a), (long)(b), (long)(c), (long)(d))
#define PASS_FILL(nr, a, b, c, d, ...)                                                             \
    mark_call(raw_mark, nr, (long)(a), (long)(b), (long)(c), (long)(d))

#endif
