/* An SA of our own charon has come up, or its packets come from another address. */
#ifndef BTNS_LATCH_RESPONDER_NEW_SA_H
#define BTNS_LATCH_RESPONDER_NEW_SA_H

#include "btnsd/latch/guard/guard.h"

/*
 * The guard that may send by this new SA. A peer's first SA for a service of ours makes its guard.
 * NULL: no guard may. An SA that no guard may ever use is deleted, and the guards that it was for
 * have failed.
 */
struct guard *guard_for_new_sa(struct guards *gs, const struct sad_entry *sa);
/* The guard whose outgoing SA this is; NULL: none. */
struct guard *guard_of_sa(struct guards *gs, const struct sad_entry *sa);
bool sa_is_outgoing(const struct guard *g, const struct sad_entry *sa);
/* A NAT gave a peer another address or port. */
void new_sa_mapping(struct guards *gs, const struct xfrm_event *ev);

#endif
