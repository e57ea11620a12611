/* Gives the rules that apply to a process of a user. */
#ifndef BTNS_STATE_VIEW_FOR_H
#define BTNS_STATE_VIEW_FOR_H

#include "btnsd/state/daemon.h"

/*
 * Fills in the view. handle: that of a policy of btns-run --policy: only this policy's rules and
 * mandatory rules apply; 0: the host's rules and the user's stored ones. Returns NULL, or the
 * reason why no rule can be applied.
 */
const char *view_for(struct btnsd *d, uid_t uid, uint64_t handle, struct view *v);
/*
 * Adds the policy that the program set on this socket (libbtns) to the view. Returns the policy, or
 * NULL.
 */
const struct socket_wish *view_for_socket(const struct btnsd *d, uint64_t cookie, struct view *v);

#endif
