/* --check: what would happen to the program, and nothing is run. */
#ifndef BTNS_RUN_CHECK_H
#define BTNS_RUN_CHECK_H

#include "shim/run/plan.h"

/* Takes every step that can be taken and reports. Returns the exit status running would have had.
 */
int check_report(struct plan *p);

#endif
