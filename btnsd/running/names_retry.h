/* Names of rules that could not be resolved are tried again, without anybody waiting. */
#ifndef BTNS_RUNNING_NAMES_RETRY_H
#define BTNS_RUNNING_NAMES_RETRY_H

#include "btnsd/state/daemon.h"

/* A generation has come into force: its open names are tried from now on. */
void names_retry_later(struct btnsd *d);
/* An ended child. False: it was none of ours. */
bool names_retry_reaped(struct btnsd *d, pid_t pid, int status);
void names_retry_end(struct btnsd *d);

#endif
