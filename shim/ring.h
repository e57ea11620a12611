/* Messages to btnsd by memory that is shared with it: no system call. */
#ifndef BTNS_SHIM_RING_H
#define BTNS_SHIM_RING_H

#include "shim/link.h"

/*
 * Offers btnsd memory for this process's messages on this link, once. Makes system calls: only
 * where a question was asked.
 */
void ring_offer(link_name link);
/*
 * Leaves the message for btnsd. False: it has to be sent by the link, as nobody looks into the
 * memory now, or it is full.
 */
bool ring_put(link_name link, const struct btns_flow *flow);

#endif
