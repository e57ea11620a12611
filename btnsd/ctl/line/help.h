/* Prints --help, for btnsctl or for one of its commands. */
#ifndef BTNS_CTL_LINE_HELP_H
#define BTNS_CTL_LINE_HELP_H

#include "btnsd/ctl/line/tables.h"

/* row: the command; NULL: btnsctl. */
void ctl_print_help(const struct ctl_row *row);

#endif
