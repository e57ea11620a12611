/* Remembers that the program has installed a seccomp filter on itself. */
#ifndef BTNS_SHIM_PRCTL_H
#define BTNS_SHIM_PRCTL_H

#include <stdbool.h>

/* Call before the program installs a filter. */
void prctl_sandbox_enter(void);
/*
 * Has the program installed one? Then the shim makes only system calls that the program must expect
 * of the intercepted call.
 */
bool prctl_sandbox_entered(void);

#endif
