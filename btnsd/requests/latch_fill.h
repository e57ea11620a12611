/*
 * Fills in the message about a latch, for the list of latches and for the program that has its
 * socket.
 */
#ifndef BTNS_REQUESTS_LATCH_FILL_H
#define BTNS_REQUESTS_LATCH_FILL_H

#include "btnsd/latch/registry/latch.h"
#include "btnsd/xfrm/snapshot.h"

/* sad: the SAD at this moment. */
void latch_fill(const struct sad_snapshot *sad, struct btns_latch_msg *m, const struct latch *l);
/* The same for a connection without a latch that this guard protects. */
void latch_fill_other(const struct sad_snapshot *sad, struct btns_latch_msg *m,
                      const struct sock_entry *e, const struct guard *g);

/* The same for a guard that lives on without a latch. */
void latch_fill_lingering(const struct sad_snapshot *sad, struct btns_latch_msg *m,
                          const struct guard *g);

#endif
