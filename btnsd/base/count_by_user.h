/* Counts things for each user, such as connections or waiting requests. */
#ifndef BTNS_TALLY_H
#define BTNS_TALLY_H

#include <stdbool.h>
#include <sys/types.h>

struct count_by_user;

struct count_by_user *count_by_user_new(void); /* NULL: out of memory */
void count_by_user_free(struct count_by_user *t);
unsigned count_by_user_of(const struct count_by_user *t, uid_t uid);
/*
 * Counts one more. False: uid has `limit` already, or no memory. Root is counted but not limited.
 */
bool count_by_user_add(struct count_by_user *t, uid_t uid, unsigned limit);
void count_by_user_sub(struct count_by_user *t, uid_t uid);

#endif
