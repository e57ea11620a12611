/* Decides whether a unit can be covered, and writes the drop-in for it. */
#ifndef BTNS_CTL_COVER_DROPIN_H
#define BTNS_CTL_COVER_DROPIN_H

#include "btnsd/ctl/cover/unit_text.h"

#include <stdio.h>

/*
 * Writes the drop-in by which the unit runs under runner (the absolute path of btns-run). 0;
 * -EALREADY if it does so already; -ENOTSUP if it cannot be covered. err says why.
 */
int dropin_print(FILE *f, const struct unit_text *u, const char *runner, struct err *err);

#endif
