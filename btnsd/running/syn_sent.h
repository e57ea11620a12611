/* Ends connect()s that still wait for the peer's SYN-ACK when their guard fails. */
#ifndef BTNS_RUNNING_SYN_SENT_H
#define BTNS_RUNNING_SYN_SENT_H

#include "btnsd/state/daemon.h"

/* Tells the program of l that its connection is about to end. */
typedef void (*tell_end)(struct btnsd *d, const struct latch *l, const char *why);

/*
 * Guard g blocks the packets of these connect()s, so their programs would wait for minutes. Each
 * connect() ends as if reset (latching -02, section 2), and its latch is closed with the guard's
 * reason.
 */
void syn_sent_end(struct btnsd *d, struct guard *g, tell_end tell);

#endif
