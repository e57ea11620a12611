/* SAs that have just come up and must not be used. */
#ifndef BTNS_LATCH_RESPONDER_REFUSE_SA_H
#define BTNS_LATCH_RESPONDER_REFUSE_SA_H

#include "btnsd/latch/guard/guard.h"

/* is this SA, that has just come up, to be had? If not it is gone, with what it was
 * for.
 */
bool guards_take_sa(struct guards *gs, const struct sad_entry *sa);
/* A NAT gave a peer another address or port. */
void guards_mapping(struct guards *gs, const struct xfrm_event *ev);

#endif
