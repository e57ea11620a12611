/* btns-run --check: reports what would happen to the program, without running it. */
#ifndef BTNS_SHIM_RUN_CHECK_H
#define BTNS_SHIM_RUN_CHECK_H

#include "shim/run/plan.h"

/*
 * Runs every step that can be run and reports it. Returns the exit status that running the program
 * would have had.
 */
int check_report(struct plan *p);

#endif
