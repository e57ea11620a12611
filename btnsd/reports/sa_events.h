/* Handles reports of the kernel and charon about SAs. */
#ifndef BTNS_REPORTS_SA_EVENTS_H
#define BTNS_REPORTS_SA_EVENTS_H

#include "btnsd/latch/guard/guard.h"

void guards_xfrm_event(struct guards *gs, const struct xfrm_event *ev);
void guards_child_up(struct guards *gs, uint32_t reqid, uint32_t spi_out,
                     const struct ike_nat *nat);
/* A peer behind a NAT has told us its own address. */
void guards_inner(struct guards *gs, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key, const struct btns_addr *inner);
void guards_ike_ready(struct guards *gs);
/* charon cannot be started: no key can be proved, and the peers' deletions of SAs are not seen. */
void guards_ike_away(struct guards *gs, const char *why);

#endif
