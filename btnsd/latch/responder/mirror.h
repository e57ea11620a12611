/* The guard for what a peer has brought up at a service of ours. */
#ifndef BTNS_LATCH_RESPONDER_MIRROR_H
#define BTNS_LATCH_RESPONDER_MIRROR_H

#include "btnsd/latch/guard/guard.h"

struct guard *mirror_new(struct guards *gs, const struct sad_entry *sa);
bool mirror_may_come_in(struct guard *g);

#endif
