/* Prints btnsctl's own messages, as text or as JSON: errors, and that a command was carried out. */
#ifndef BTNS_CTL_LINE_OWN_MESSAGES_H
#define BTNS_CTL_LINE_OWN_MESSAGES_H

#include "btnsd/ctl/commands.h"

/* Prints an error on standard error: the reason, and with wrong usage where to look. */
void ctl_say_error(const struct ctl *c, int status, const char *reason);
/*
 * Says that a command was carried out. With --json: an object on standard output with the command
 * (request), its object (about), and a text ("": none). Otherwise only the text. Returns CTL_OK.
 */
int ctl_say_done(const struct ctl *c, const char *request, const char *about, const char *text);

#endif
