/* A user's stored files, as they are read (private to users_file.c and user_read.c). */
#ifndef BTNS_USERS_USER_FILES_H
#define BTNS_USERS_USER_FILES_H

#include "btnsd/users/users.h"

/* The texts of u's policies, not parsed yet; malloc()ed. How many, or -errno with err. */
int user_read_texts(const struct users *us, const struct user *u, struct policy_text **text,
                    struct err *err);
/* Reads what u has blocked. 0, or -errno with err. */
int user_read_blocks(const struct users *us, struct user *u, struct err *err);
/* What is stored cannot be used. */
void user_is_broken(struct user *u, const char *why);

#endif
