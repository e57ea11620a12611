/* A user's stored policies or blocks have changed. */
#ifndef BTNS_RUNNING_USER_CHANGED_H
#define BTNS_RUNNING_USER_CHANGED_H

#include "btnsd/state/daemon.h"

/*
 * Reviews and logs the change. what, name: for example "added" and the policy's name; by: the user
 * who made it.
 */
void user_changed_rules(struct btnsd *d, uid_t by, const struct user *u, const char *what,
                        const char *name);

#endif
