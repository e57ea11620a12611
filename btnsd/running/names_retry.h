/* Looks up again names in rules that could not be resolved, while nothing waits for them. */
#ifndef BTNS_RUNNING_NAMES_RETRY_H
#define BTNS_RUNNING_NAMES_RETRY_H

#include "btnsd/state/daemon.h"

/* A generation has come into force: its unresolved names are looked up from now on. */
void names_retry_later(struct btnsd *d);
/* Handles an ended child. False: the child belongs to another part of btnsd. */
bool names_retry_reaped(struct btnsd *d, pid_t pid, int status);
void names_retry_end(struct btnsd *d);

#endif
