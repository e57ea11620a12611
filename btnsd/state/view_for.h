/* Gives the rules that apply to a user's process. */
#ifndef BTNS_STATE_VIEW_FOR_H
#define BTNS_STATE_VIEW_FOR_H

#include "btnsd/state/daemon.h"

/*
 * Fills in the view. handle: of btns-run --policy: only that policy's rules and mandatory ones; 0:
 * the host's rules and the user's stored ones. NULL, or the reason why no rule can be applied.
 */
const char *view_for(struct btnsd *d, uid_t uid, uint64_t handle, struct view *v);
/* Adds what the socket's own policy asks for (libbtns); its wish, or NULL. */
const struct socket_wish *view_of_socket(const struct btnsd *d, uint64_t cookie, struct view *v);

#endif
