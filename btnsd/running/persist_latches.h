/* Stores latches soon after they change and when btnsd ends, and restores them at start. */
#ifndef BTNS_RUNNING_PERSIST_LATCHES_H
#define BTNS_RUNNING_PERSIST_LATCHES_H

#include "btnsd/state/daemon.h"

/* Stores the latches at path from now on, after each change. Call it once. */
void persist_begin(struct btnsd *d, const char *path);
/* Stores the latches for the last time. */
void persist_end(struct btnsd *d);
/* Restores latches whose sockets live, under adopted guards. Call it before persist_begin(). */
bool persist_restore(struct btnsd *d, const char *path);

#endif
