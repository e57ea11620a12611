/* Latches outlive btnsd: written down soon after they change, and at the end; taken on at start. */
#ifndef BTNS_REMEMBER_H
#define BTNS_REMEMBER_H

#include "btnsd/state/daemon.h"

/* From now on changes are written down; call it once. */
void remember_begin(struct btnsd *d, const char *path);
/* Now, for the last time. */
void remember_end(struct btnsd *d);
/* Latches whose sockets live, under the guards that were taken on; before remember_begin(). */
void remember_restore(struct btnsd *d, const char *path);

#endif
