/* Which signals end a blocking connect(). */
#ifndef BTNS_SHIM_INTERRUPT_H
#define BTNS_SHIM_INTERRUPT_H

#include <stdbool.h>

/*
 * After a wait was cut short by a handler: would connect() have returned EINTR? It goes on after a
 * handler with SA_RESTART, unless the socket has a time limit of its own. Which one ran cannot be
 * found out afterwards; with handlers of both kinds the answer is yes, for which such a program has
 * to be prepared.
 */
bool interrupt_ends_connect(bool limited);

#endif
