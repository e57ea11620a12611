/* As responder: peers are reviewed when floors, rules or known peers change. */
#ifndef BTNS_LATCH_RESPONDER_SERVE_REVIEW_H
#define BTNS_LATCH_RESPONDER_SERVE_REVIEW_H

#include "btnsd/latch/guard/guard.h"

/* Floors, rules or known_peers changed: reviews the guards, and tells charon who may reach us. */
void serve_review(struct guards *gs, enum btns_reason code);
void serve_review_later(struct guards *gs);
/* Refuses a peer that may not reach us, or not with this suite, and ends its IKE SA. */
void review_refuse(struct guard *mirror, enum btns_reason code, const char *why);
/* The same as serve_review() when only floors of this service have changed. */
void serve_review_service(struct guards *gs, struct service service, enum btns_reason code);

#endif
