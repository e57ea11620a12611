/* Checks that a file or directory can be trusted: only root can have written it. */
#ifndef BTNS_RULES_FILES_OWNER_H
#define BTNS_RULES_FILES_OWNER_H

#include "libapi/wire/err.h"

#include <sys/types.h>

/* Checks the type, owner and mode of an open file; 0, or -errno with a reason that names path. */
int policy_check_owner(int fd, mode_t type, const char *path, struct err *err);

#endif
