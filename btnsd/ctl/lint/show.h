/* Prints the findings as text or as JSON. */
#ifndef BTNS_CTL_LINT_SHOW_H
#define BTNS_CTL_LINT_SHOW_H

#include "btnsd/ctl/lint/lint.h"

/*
 * Each returns the number of errors and warnings. Unless verbose, only the first of several
 * warnings or notes of one kind is shown, with the number of similar ones.
 */
size_t show_findings(const struct lint *l, bool verbose);
size_t show_findings_json(const struct lint *l);

#endif
