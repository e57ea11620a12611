/* What btnsctl says of its own: errors, and that what acts is done, as text or as JSON. */
#ifndef BTNS_CTL_LINE_SAID_H
#define BTNS_CTL_LINE_SAID_H

#include "btnsd/ctl/commands.h"

/* On standard error: the reason, and with usage where to look. */
void ctl_say_error(const struct ctl *c, int status, const char *reason);
/*
 * With --json: an object on standard output that says what was done, about what, and what else
 * there is to say ("": nothing). Without it: the text alone. Returns CTL_OK.
 */
int ctl_say_done(const struct ctl *c, const char *request, const char *about, const char *text);

#endif
