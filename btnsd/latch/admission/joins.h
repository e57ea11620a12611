/* May a caller share an existing guard? */
#ifndef BTNS_LATCH_ADMISSION_JOINS_H
#define BTNS_LATCH_ADMISSION_JOINS_H

#include "btnsd/latch/guard/guard.h"

/* Does the guard's peer, proved or about to be proved, satisfy this demand? False with err. */
bool joins_fits(struct guard *g, const struct demand *demand, struct err *err);

#endif
