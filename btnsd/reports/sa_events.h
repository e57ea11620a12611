/* What the kernel and charon report about SAs. */
#ifndef BTNS_REPORTS_SA_EVENTS_H
#define BTNS_REPORTS_SA_EVENTS_H

#include "btnsd/latch/guard/guard.h"

/* what the kernel and charon report. */
void guards_xfrm_event(struct guards *gs, const struct xfrm_event *ev);
void guards_child_up(struct guards *gs, uint32_t reqid, uint32_t spi_out,
                     const struct ike_nat *nat);
/* A peer behind a NAT says what its own address is. */
void guards_inner(struct guards *gs, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key, const struct btns_addr *inner);
void guards_ike_ready(struct guards *gs);
/* It cannot be started: nobody can prove a key, or hear that the peer ended an SA. */
void guards_ike_away(struct guards *gs, const char *why);

#endif
