/* Has the program forbidden itself system calls? */
#ifndef BTNS_SHIM_SANDBOX_H
#define BTNS_SHIM_SANDBOX_H

#include <stdbool.h>

/* It is about to. */
void sandbox_enter(void);
/* Then no call may make a system call that the program did not have to expect of it. */
bool sandbox_entered(void);

#endif
