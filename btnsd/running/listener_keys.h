/*
 * Sets the keys by which a listener's peers sign (TCP-MD5, TCP-AO) on its socket, and again after a
 * change of rules.
 */
#ifndef BTNS_RUNNING_LISTENER_KEYS_H
#define BTNS_RUNNING_LISTENER_KEYS_H

#include "btnsd/latch/registry/latch.h"
#include "btnsd/plan/listen_plan.h"

/* Sets each key of the plan on the listener's socket. 0; -ERRNO_UNPROTECTED with err. */
int listener_keys_set(int fd, int family, const struct listening *plan, struct err *err);
/* Records in the latch which peers have keys. Out of memory, records none, and logs that. */
void listener_keys_note(struct latch *l, const struct listening *plan);
/*
 * Gives a running listener the keys of new rules, and deletes the keys of peers that need not sign
 * any more. Connections that it has accepted keep theirs. True: the keys were set.
 */
bool listener_keys_review(struct latch *l, const struct listening *plan);

#endif
