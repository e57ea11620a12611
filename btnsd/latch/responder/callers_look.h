/* Peers that call by SAs which another key manager made are looked for. */
#ifndef BTNS_LATCH_RESPONDER_CALLERS_LOOK_H
#define BTNS_LATCH_RESPONDER_CALLERS_LOOK_H

#include "btnsd/latch/guard/guard.h"

/* A new SA that is not of our own charon. */
void callers_sa(struct guards *gs, const struct sad_entry *sa);
/* Callers that have no guard are looked for, soon. */
void callers_look_later(struct guards *gs, unsigned ms);
/* Floors or rules have changed: guards of callers are judged anew; then as callers_look_later(). */
void callers_review(struct guards *gs, enum btns_reason code);

#endif
