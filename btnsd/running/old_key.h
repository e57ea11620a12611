/* The host key before the last rotation, after a restart. */
#ifndef BTNS_RUNNING_OLD_KEY_H
#define BTNS_RUNNING_OLD_KEY_H

#include "btnsd/state/daemon.h"

/* What is latched to the old key goes on with it. `path` (static storage): ike_old_key(). */
void old_key_load(struct btnsd *d, const char *path);

#endif
