/* A user's rules have changed: what this user runs is judged again, a few latches a turn. */
#ifndef BTNS_RUNNING_REVIEW_USER_H
#define BTNS_RUNNING_REVIEW_USER_H

#include "btnsd/state/daemon.h"

/* Begins at once and goes on from the loop, so that nobody else waits for a user with many. */
void review_user(struct btnsd *d, uid_t uid);
void review_user_end(struct btnsd *d);

#endif
