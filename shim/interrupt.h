/* Which signals end a blocking connect(). */
#ifndef SHIM_INTERRUPT_H
#define SHIM_INTERRUPT_H

#include <stdbool.h>

/*
 * Call after a handler interrupted a wait: would connect() have returned EINTR? connect() resumes
 * after a handler with SA_RESTART. Which handler ran cannot be found out; if the program has
 * handlers of both kinds the answer is yes, for which such a program has to be prepared.
 */
bool interrupt_ends_connect(void);

#endif
