/* A user's rules are others now: what runs of this user's is looked at again, a few latches a turn.
 */
#ifndef BTNS_STALE_H
#define BTNS_STALE_H

#include "btnsd/base/loop.h"

#include <stddef.h>
#include <sys/types.h>

struct btnsd;

/* One user's latches, being looked at. */
struct stale {
    struct timer turn;
    struct btnsd *d;
    uid_t uid;
    uint64_t *cookie; /* NULL: nobody's */
    size_t n, at;
    bool busy; /* in a turn */
};

/* Begins with them at once; goes on from the loop, so that nobody else waits for a user with many.
 */
void stale_user(struct btnsd *d, uid_t uid);
void stale_end(struct btnsd *d);

#endif
