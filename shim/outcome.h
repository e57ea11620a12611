/* Turns a verdict from btnsd, or a missing verdict, into the outcome of the program's call. */
#ifndef BTNS_SHIM_OUTCOME_H
#define BTNS_SHIM_OUTCOME_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

/*
 * Both functions write a message for the person if there is one. They return 0 (go on) or the errno
 * with which the call fails.
 */
int outcome_of_verdict(const struct btns_addr *where, struct btns_verdict_msg *v);
int outcome_without(const struct btns_addr *where, const char *why, const char *advice);
/* Does a call to this address go on without a verdict? */
bool outcome_goes_on(const struct btns_addr *where);
/*
 * If btnsd says so, reports that the peer was met for the first time (btnsd tells only one
 * program), and cuts v's text to its first line. outcome_of_verdict() does this, too.
 */
void outcome_first_contact(struct btns_verdict_msg *v);

#endif
