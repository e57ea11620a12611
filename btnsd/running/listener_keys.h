/* Keys with which a listener's peers sign: set on its socket, and again after a change. */
#ifndef BTNS_RUNNING_LISTENER_KEYS_H
#define BTNS_RUNNING_LISTENER_KEYS_H

#include "btnsd/latch/registry/latch.h"
#include "btnsd/plan/listen_plan.h"

/* Sets each key of the plan on the listener's socket. 0; -ERRNO_UNPROTECTED with err. */
int listener_keys_set(int fd, int family, const struct listening *plan, struct err *err);
/* Remembers in the latch whose segments are signed. Without memory: of nobody, which is logged. */
void listener_keys_note(struct latch *l, const struct listening *plan);
/*
 * Gives a running listener the keys of new rules, and takes away those of peers that need not sign
 * any more. Connections that it has accepted keep theirs. True: its keys were set.
 */
bool listener_keys_review(struct latch *l, const struct listening *plan);

#endif
