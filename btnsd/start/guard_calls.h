/*
 * The functions that guards call in the rest of btnsd: when a guard changes, or needs to know
 * something.
 */
#ifndef BTNS_START_GUARD_CALLS_H
#define BTNS_START_GUARD_CALLS_H

#include "btnsd/state/daemon.h"

/* Their argument is struct btnsd. */
extern const struct guards_ops guard_calls;

/* For struct floors: the floor of a listener is about to be deleted. */
void on_floor_gone(void *arg);

#endif
