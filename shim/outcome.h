/* What a verdict from btnsd, or a missing verdict, means for the program's call. */
#ifndef BTNS_SHIM_OUTCOME_H
#define BTNS_SHIM_OUTCOME_H

#include "libapi/wire/wire.h"

/*
 * Both functions write a message for the person if there is one. They return 0 (go on) or the errno
 * with which the call fails.
 */
int outcome_of_verdict(const struct btns_addr *where, struct btns_verdict_msg *v);
int outcome_without(const struct btns_addr *where, const char *why, const char *advice);
/*
 * Says that the peer was met for the first time, if so (btnsd tells one program), and leaves v's
 * text one line. outcome_of_verdict() does it, too.
 */
void outcome_first_contact(struct btns_verdict_msg *v);

#endif
