/* Telling a person, or a program, what the linter found. */
#ifndef BTNS_LINT_SHOW_H
#define BTNS_LINT_SHOW_H

#include "btnsd/ctl/lint/lint.h"

/* Each returns how many errors and warnings there are. */
size_t lint_print(const struct lint *l);
size_t lint_print_json(const struct lint *l);

#endif
