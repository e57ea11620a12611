/*
 * Says under which user's limits a uid comes. A user with subordinate uids (subuid(5)) can act as
 * any of them, so they count as that user. Subordinate uids of root, and of owners that /etc/passwd
 * does not list, count together as the first uid of their range.
 */
#ifndef BTNS_BASE_ACCOUNT_H
#define BTNS_BASE_ACCOUNT_H

#include <sys/types.h>

uid_t account_of(uid_t uid);
/*
 * Reads the ranges from these files. Until then, and if subuid cannot be read, there are no ranges.
 */
void accounts_read(const char *subuid, const char *passwd);

#endif
