/* The guard for an SA that a peer has brought up for a service of ours. */
#ifndef BTNS_LATCH_RESPONDER_MIRROR_H
#define BTNS_LATCH_RESPONDER_MIRROR_H

#include "btnsd/latch/guard/guard.h"

/* NULL: the SA is refused, or needs no guard. */
struct guard *mirror_new(struct guards *gs, const struct sad_entry *sa);
/* False: the peer may not reach this service with this suite; it has been refused. */
bool mirror_may_come_in(struct guard *g);

#endif
