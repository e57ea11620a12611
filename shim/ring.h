/* Sends messages to btnsd through shared memory, without a system call. */
#ifndef BTNS_SHIM_RING_H
#define BTNS_SHIM_RING_H

#include "shim/link.h"

/*
 * Offers btnsd a ring for this process's messages on this link, once for each link; after a failure
 * the next call tries again. It makes system calls, so it is called only after a question was
 * asked.
 */
void ring_offer(link_name link);
/*
 * Puts the message into the ring. Returns false if the caller has to send it over the link: btnsd
 * does not read the ring now, or the ring is full.
 */
bool ring_put(link_name link, const struct btns_flow *flow);
/* Does btnsd read the ring of this link now? */
bool ring_is_read(link_name link);
/*
 * Counts an accepted connection in the ring. Returns false if btnsd does not read the ring now: the
 * caller has to send a message over the link, which makes btnsd read the ring.
 */
bool ring_count_accepted(link_name link);

#endif
