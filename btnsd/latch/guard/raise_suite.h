/* Gives a guard the suite that a new request asks for, if its latches allow that. */
#ifndef BTNS_LATCH_GUARD_RAISE_SUITE_H
#define BTNS_LATCH_GUARD_RAISE_SUITE_H

#include "btnsd/latch/guard/want.h"

/*
 * Makes g serve a request for want->suite. g gets a suite that is as strong or stronger, unless a
 * program has something latched with its present suite (latched parameters never change, L12); but
 * other users' latches give way to root. False, with err: g cannot serve it.
 */
bool guard_raise_suite(struct guard *g, const struct guard_want *want, struct err *err);

#endif
