/* May a client share a guard that is there? */
#ifndef BTNS_LATCH_ADMISSION_JOINS_H
#define BTNS_LATCH_ADMISSION_JOINS_H

#include "btnsd/latch/guard/guard.h"

/* is whom the guard has, or will have, good enough for this demand as well? */
bool guard_fits(struct guard *g, const struct demand *demand, struct err *err);

#endif
