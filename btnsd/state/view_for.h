/* The rules that a user's process is subject to. */
#ifndef BTNS_STATE_VIEW_FOR_H
#define BTNS_STATE_VIEW_FOR_H

#include "btnsd/state/daemon.h"

/*
 * handle: of btns-run --policy: that policy's rules and mandatory ones alone; 0: the host's rules
 * and those that the user stored. NULL, or why nothing can be decided.
 */
const char *view_for(struct btnsd *d, uid_t uid, uint64_t handle, struct view *v);

#endif
