/*
 * Finds listeners that have stopped listening although their sockets live, and deletes their
 * floors: only a listening socket has a floor.
 */
#ifndef BTNS_RUNNING_FLOOR_CHECKS_H
#define BTNS_RUNNING_FLOOR_CHECKS_H

#include "btnsd/state/daemon.h"

/*
 * A floor was made: from now on, btnsd checks from time to time whether its listener still listens.
 */
void floor_checks_expect(struct btnsd *d);

#endif
