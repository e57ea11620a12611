/* Reads a user's stored files (private to users_file.c and user_read.c). */
#ifndef BTNS_USERS_USER_FILES_H
#define BTNS_USERS_USER_FILES_H

#include "btnsd/users/users.h"

/*
 * Gets the texts of u's policies, not parsed yet; malloc()ed. Returns how many, or -errno with err.
 */
int user_read_texts(const struct users *us, const struct user *u, struct policy_text **text,
                    struct err *err);
/* Reads which rules u has blocked. 0, or -errno with err. */
int user_read_blocks(const struct users *us, struct user *u, struct err *err);
/* The stored files of u cannot be used. */
void user_is_broken(struct user *u, const char *why);

#endif
