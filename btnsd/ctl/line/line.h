/* Parses btnsctl's command line. */
#ifndef BTNS_CTL_LINE_LINE_H
#define BTNS_CTL_LINE_LINE_H

#include "btnsd/ctl/line/tables.h"

/*
 * Fills in c, and returns the command's row, or NULL if the line has no command. err is set for
 * wrong usage.
 */
const struct ctl_row *ctl_parse_line(int argc, char **argv, struct ctl *c, struct err *err);

#endif
