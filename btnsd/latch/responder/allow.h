/* As responder: tells charon which peers may come in, and to which of our services. */
#ifndef BTNS_LATCH_RESPONDER_ALLOW_H
#define BTNS_LATCH_RESPONDER_ALLOW_H

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/applicant.h"
#include "libapi/wire/addr.h"

/*
 * Tells charon which of our services the peer may reach, or removes the peer's connection from
 * charon: IKE itself then refuses everything else. claimed: the key is not proved yet, so a later
 * peer may displace the connection. 0; -EACCES with err when no service is open to the peer;
 * -ENOMEM; -ENOBUFS when too many keys are claimed.
 */
int serve_allow(struct guards *gs, const struct applicant *who, bool claimed, struct err *err);
/*
 * The same in BEET mode, for the inner address of this key. outer: where the peer is, or NULL;
 * -EACCES also if BEET mode is off.
 */
int serve_allow_inner(struct guards *gs, const struct btns_key *key, const struct btns_addr *outer,
                      bool claimed, struct err *err);
/* Lets a known peer reach us from the addresses it is known at. */
void guards_ike_allow(struct guards *gs, const struct peer *p);
/* Lets peers with certificates that were adopted at a restart reach us. */
void guards_allow_certified(struct guards *gs);

#endif
