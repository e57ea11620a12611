/* Makes sure that only one btnsd uses a run directory at a time. */
#ifndef BTNS_START_INSTANCE_H
#define BTNS_START_INSTANCE_H

#include "libapi/wire/err.h"

/*
 * 0: this process has dir until it ends; -EBUSY with err when another has it. If dir cannot be
 * written, returns 0, too: what needs it fails later.
 */
int instance_only(const char *dir, struct err *err);

#endif
