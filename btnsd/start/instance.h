/* Makes sure that only one btnsd uses a run directory at a time. */
#ifndef BTNS_START_INSTANCE_H
#define BTNS_START_INSTANCE_H

#include "libapi/wire/err.h"

/*
 * Returns 0 if this process has dir from now until it ends, -EBUSY with err if another process has
 * it. If dir cannot be written, returns 0 too: the parts that need it fail later.
 */
int instance_only(const char *dir, struct err *err);

#endif
