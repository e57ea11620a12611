/* Asks btnsd about a call, in the program's name, and prints messages for a person. */
#ifndef BTNS_SHIM_SUPERVISE_ASK_FOR_CALLER_H
#define BTNS_SHIM_SUPERVISE_ASK_FOR_CALLER_H

#include "libapi/client/for_another.h"
#include "shim/supervise/look.h"

/*
 * Returns 0, or the errno with which the call fails; -1: the caller does not wait any more.
 * *outcome: the connection on which btnsd will report how an attempt in the background ended.
 */
int ask_connect_for_caller(const struct supervision *v, const struct caller *c,
                           const struct sight *s, struct ask_outcome *outcome);
/* Likewise about the address that the socket is bound to, or is given here. */
int ask_listen_for_caller(const struct supervision *v, const struct caller *c,
                          const struct sight *s);
/*
 * Waits for the outcome of an attempt in the background: if it fails because of btnsd, the person
 * is told why.
 */
void await_outcome_for_caller(const struct supervision *v, const struct caller *c,
                              const struct btns_addr *where, struct ask_outcome *outcome);

#endif
