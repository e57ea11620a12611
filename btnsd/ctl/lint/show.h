/* Prints the findings as text or as JSON. */
#ifndef BTNS_CTL_LINT_SHOW_H
#define BTNS_CTL_LINT_SHOW_H

#include "btnsd/ctl/lint/lint.h"

/*
 * Each returns the number of errors and warnings. Unless verbose, of several warnings or notes of
 * one kind the first is shown, and how many are like it.
 */
size_t lint_print(const struct lint *l, bool verbose);
size_t lint_print_json(const struct lint *l);

#endif
