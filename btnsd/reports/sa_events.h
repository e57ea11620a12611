/* Handles reports of the kernel and charon about SAs. */
#ifndef BTNS_REPORTS_SA_EVENTS_H
#define BTNS_REPORTS_SA_EVENTS_H

#include "btnsd/latch/guard/guard.h"

void sa_events_xfrm_event(struct guards *gs, const struct xfrm_event *ev);
void sa_events_child_up(struct guards *gs, uint32_t reqid, uint32_t spi_out,
                        const struct ike_nat *nat);
/* A peer behind a NAT has told us its own address. */
void sa_events_inner(struct guards *gs, const struct btns_addr *local,
                     const struct btns_addr *remote, const struct btns_key *key,
                     const struct btns_addr *inner);
void sa_events_ike_ready(struct guards *gs);
/* charon cannot be started: no key can be proved, and the peers' deletions of SAs are not seen. */
void sa_events_ike_away(struct guards *gs, const char *why);

#endif
