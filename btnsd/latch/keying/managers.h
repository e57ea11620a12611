/* The key managers that btnsd has. */
#ifndef BTNS_LATCH_KEYING_MANAGERS_H
#define BTNS_LATCH_KEYING_MANAGERS_H

#include "btnsd/latch/guard/keying.h"

/* By enum keys: struct guards.keying. */
extern const struct keying *const key_managers[3];
/* Our own charon (private.c), the system's IKE daemon (system.c), the administrator (manual.c). */
extern const struct keying keying_private, keying_system, keying_manual;

#endif
