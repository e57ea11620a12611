/*
 * Counts how many of one kind of thing (clients, guards, ...) each user has, and says whether the
 * user may have one more.
 */
#ifndef BTNS_BASE_COUNT_BY_USER_H
#define BTNS_BASE_COUNT_BY_USER_H

#include "btnsd/base/user_limits.h"
#include "libapi/wire/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct count_by_user;

struct count_by_user *count_by_user_new(enum limited what); /* NULL: out of memory */
void count_by_user_free(struct count_by_user *t);
/* How many uid itself has. */
unsigned count_by_user_of(const struct count_by_user *t, uid_t uid);
/*
 * Counts one more. Subordinate uids (account.h) share the limit of their owner. False, with the
 * limit and its value in err (which may be NULL): no more. t NULL: nothing is counted.
 */
bool count_by_user_add(struct count_by_user *t, uid_t uid, struct err *err);
void count_by_user_sub(struct count_by_user *t, uid_t uid);
/* Would count_by_user_add() succeed? */
bool count_by_user_room(const struct count_by_user *t, uid_t uid, struct err *err);

#endif
