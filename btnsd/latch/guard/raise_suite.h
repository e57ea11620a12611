/* A request for a stronger suite than a guard has. */
#ifndef BTNS_LATCH_GUARD_RAISE_SUITE_H
#define BTNS_LATCH_GUARD_RAISE_SUITE_H

#include "btnsd/latch/guard/want.h"

/*
 * Makes g serve a request for want->suite. It gets a suite that is stronger, or as strong, unless a
 * program has something latched with the one it has (latched parameters never change, L12); but
 * what other users have latched gives way to root. False, with err: it cannot.
 */
bool guard_raise_suite(struct guard *g, const struct guard_want *want, struct err *err);

#endif
