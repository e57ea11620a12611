/*
 * Listeners that listen no more, though their sockets live: a floor is under a listening socket
 * alone.
 */
#ifndef BTNS_RUNNING_FLOOR_CHECKS_H
#define BTNS_RUNNING_FLOOR_CHECKS_H

#include "btnsd/state/daemon.h"

/* A floor was put down: from now on it is looked at once in a while whether its listener listens.
 */
void floor_checks_expect(struct btnsd *d);

#endif
