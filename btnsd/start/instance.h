/* One btnsd at a time for a /run: a second one changes nothing. */
#ifndef BTNS_START_INSTANCE_H
#define BTNS_START_INSTANCE_H

#include "libapi/wire/err.h"

/*
 * 0, and so until this process ends; -EBUSY with err when another has dir. A dir that cannot be
 * written decides nothing: what is needed there fails later.
 */
int instance_only(const char *dir, struct err *err);

#endif
