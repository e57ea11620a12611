/* Blocks one connection by entries of its own in the SPD. */
#ifndef BTNS_RUNNING_BLOCK_CONNECTION_H
#define BTNS_RUNNING_BLOCK_CONNECTION_H

#include "btnsd/state/daemon.h"

/* For one that could not be reset: blocked above its guard, which other connections may use. */
void block_connection(struct btnsd *d, struct latch *l);

#endif
