/* Asks btnsd about a call, in the program's name, and prints what a person should know of it. */
#ifndef BTNS_SHIM_SUPERVISE_ASK_FOR_CALLER_H
#define BTNS_SHIM_SUPERVISE_ASK_FOR_CALLER_H

#include "libapi/client/for_another.h"
#include "shim/supervise/look.h"

/*
 * 0, or the errno with which the call fails; -1: nobody waits for it any more. *outcome: where an
 * attempt that is under way in the background will be told of.
 */
int ask_connect_for_caller(const struct supervision *v, const struct caller *c,
                           const struct sight *s, struct ask_outcome *outcome);
/* Likewise about the address that the socket is bound to, or is given here. */
int ask_listen_for_caller(const struct supervision *v, const struct caller *c,
                          const struct sight *s);
/*
 * The program went on, and its attempt is under way in the background: if that fails because of
 * btnsd, the person is told why.
 */
void await_outcome_for_caller(const struct supervision *v, const struct caller *c,
                              const struct btns_addr *where, struct ask_outcome *outcome);

#endif
