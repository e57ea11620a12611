/* The review of one user's latches after a change of rules, which takes several turns. */
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
    uint64_t *cookie; /* of the latches not reviewed yet; NULL: no review runs */
    size_t n, at;
    bool busy; /* a turn is running */
};

#endif
