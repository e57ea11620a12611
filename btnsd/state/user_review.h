/* One user's latches, being judged again by changed rules. */
#ifndef BTNS_STATE_USER_REVIEW_H
#define BTNS_STATE_USER_REVIEW_H

#include "btnsd/base/loop.h"

#include <stddef.h>
#include <sys/types.h>

struct btnsd;

struct user_review {
    struct timer turn;
    struct btnsd *d;
    uid_t uid;
    uint64_t *cookie; /* of the latches that are left to judge; NULL: no user's */
    size_t n, at;
    bool busy; /* in a turn */
};

#endif
