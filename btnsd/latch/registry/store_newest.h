/*
 * Latches that are newer than the file of all latches: each is added at once to a second file,
 * which is deleted when the file of all latches has been written again.
 */
#ifndef BTNS_LATCH_REGISTRY_STORE_NEWEST_H
#define BTNS_LATCH_REGISTRY_STORE_NEWEST_H

#include "btnsd/base/count_by_user.h"
#include "btnsd/latch/registry/latch.h"

#include <stdio.h>

/* Valid when zeroed, except for the path. */
struct store_newest {
    const char *path;
    FILE *f;
    struct count_by_user *added; /* connections: a flood of one user's leaves room for the others */
    uint64_t cookie;             /* of the last latch, with its user and state */
    uid_t uid;
    enum btns_state state;
};

/*
 * Adds a latch as it is now, unless it was the last one, or its user has added as many connections
 * as a user may. Listeners are always added. 0 or -errno.
 */
int store_newest_add(struct store_newest *s, const struct latch *l);
/* Writes what was added. 0 or -errno. */
int store_newest_flush(struct store_newest *s);
/* Deletes the file: the file of all latches now has its latches, too. */
void store_newest_end(struct store_newest *s);

#endif
