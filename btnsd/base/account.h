/*
 * Whose limits a uid comes under. A user with subordinate uids (subuid(5)) can be all of them, so
 * they count as their owner. Those of root, and of owners that /etc/passwd does not have, count
 * together as the first of their range.
 */
#ifndef BTNS_BASE_ACCOUNT_H
#define BTNS_BASE_ACCOUNT_H

#include <sys/types.h>

uid_t account_of(uid_t uid);
/* Reads the ranges; they are empty before, and if subuid cannot be read. */
void accounts_read(const char *subuid, const char *passwd);

#endif
