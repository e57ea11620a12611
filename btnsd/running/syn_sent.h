/* connect()s that wait for the peer's answer when their guard fails. */
#ifndef BTNS_SYN_SENT_H
#define BTNS_SYN_SENT_H

#include "btnsd/state/daemon.h"

/*
 * Nothing of them gets through any more, and a program would wait for minutes to hear less: they
 * end as though reset (latching -02, section 2), their latches are closed with the guard's reason.
 */
void pending_connects_end(struct btnsd *d, struct guard *g);

#endif
