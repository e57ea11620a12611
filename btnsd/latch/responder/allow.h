/* As responder: charon is told which peers may come in. */
#ifndef BTNS_LATCH_RESPONDER_ALLOW_H
#define BTNS_LATCH_RESPONDER_ALLOW_H

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/applicant.h"
#include "libapi/wire/addr.h"

/*
 * gives charon the peer's connection with just these, or takes it away: IKE itself
 * refuses the rest. claimed: until the key is proved it gives way to later ones. 0; -EACCES with
 * err when nothing is left; -ENOMEM; -ENOBUFS when too many are claimed.
 */
int serve_allow(struct guards *gs, const struct applicant *who, bool claimed, struct err *err);
/* A known peer may reach us, where it is known. */
void guards_ike_allow(struct guards *gs, const struct peer *p);
/* Adopted peers with certificates may come back. */
void guards_allow_certified(struct guards *gs);

#endif
