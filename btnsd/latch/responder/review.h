/* As responder: those who are in are judged anew. */
#ifndef BTNS_LATCH_RESPONDER_REVIEW_H
#define BTNS_LATCH_RESPONDER_REVIEW_H

#include "btnsd/latch/guard/guard.h"

/* Floors, rules or known_peers changed: what charon has, and what is up, is judged anew. */
void serve_review(struct guards *gs, enum btns_reason code);
void serve_review_later(struct guards *gs);
/* A peer came in who may not, or as he may not: he stays out, and is told. */
void serve_refuse(struct guard *mirror, enum btns_reason code, const char *why);

#endif
