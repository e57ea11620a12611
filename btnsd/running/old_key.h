/* After a restart, loads the host key from before the last rotation. */
#ifndef BTNS_RUNNING_OLD_KEY_H
#define BTNS_RUNNING_OLD_KEY_H

#include "btnsd/state/daemon.h"

/* Lets latches to the old key go on with it. `path` (static storage): see ike_old_key(). */
void old_key_load(struct btnsd *d, const char *path);

#endif
