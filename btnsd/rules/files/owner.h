/* May a file or directory be trusted? Only if nobody but root can have written it. */
#ifndef BTNS_RULES_FILES_OWNER_H
#define BTNS_RULES_FILES_OWNER_H

#include "libapi/wire/err.h"

#include <sys/types.h>

/* Checks the opened file's type, owner and mode; 0, or -errno with a reason that names path. */
int policy_check_owner(int fd, mode_t type, const char *path, struct err *err);

#endif
