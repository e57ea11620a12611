/* Reviews a user's latches after a change of that user's rules, a few in each turn of the loop. */
#ifndef BTNS_RUNNING_REVIEW_USER_H
#define BTNS_RUNNING_REVIEW_USER_H

#include "btnsd/state/daemon.h"

/* Begins at once and continues in later turns of the loop, so that other users need not wait. */
void review_user(struct btnsd *d, uid_t uid);
void review_user_end(struct btnsd *d);

#endif
