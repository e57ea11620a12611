/* Finds peers that call our listeners by SAs of another key manager. */
#ifndef BTNS_LATCH_RESPONDER_CALLERS_FIND_H
#define BTNS_LATCH_RESPONDER_CALLERS_FIND_H

#include "btnsd/latch/guard/guard.h"

/* A new SA that is not of our own charon. */
void callers_sa(struct guards *gs, const struct sad_entry *sa);
/* Looks for callers that have no guard, within ms milliseconds. */
void callers_find_later(struct guards *gs, unsigned ms);
/* Floors or rules have changed: reviews the guards of callers, then calls callers_find_later(). */
void callers_review(struct guards *gs, enum btns_reason code);
/* Reviews the guards of callers of one service, whose floors have changed. */
void callers_review_service(struct guards *gs, struct service service, enum btns_reason code);

#endif
