/* What is said of a latch, in the list of latches and to who has its socket. */
#ifndef BTNS_REQUESTS_LATCH_FILL_H
#define BTNS_REQUESTS_LATCH_FILL_H

#include "btnsd/latch/registry/latch.h"
#include "btnsd/xfrm/snapshot.h"

/* sad: of this moment. */
void latch_fill(const struct sad_snapshot *sad, struct btns_latch_msg *m, const struct latch *l);
/* The same of a connection without a latch, which this guard protects. */
void latch_fill_other(const struct sad_snapshot *sad, struct btns_latch_msg *m,
                      const struct sock_entry *e, const struct guard *g);

/* A guard that stands without a latch. */
void latch_fill_lingering(const struct sad_snapshot *sad, struct btns_latch_msg *m,
                          const struct guard *g);

#endif
