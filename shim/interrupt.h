/* Which signals end a blocking connect(). */
#ifndef BTNS_SHIM_INTERRUPT_H
#define BTNS_SHIM_INTERRUPT_H

#include <stdbool.h>

/*
 * Called after a signal handler ended a wait: would connect() have returned EINTR? connect()
 * continues after a handler with SA_RESTART, unless the socket has a time limit of its own. Which
 * handler ran cannot be found out afterwards; if the program has handlers of both kinds the answer
 * is yes, since such a program must expect EINTR.
 */
bool interrupt_ends_connect(bool limited);

#endif
