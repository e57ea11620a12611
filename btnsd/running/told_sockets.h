/*
 * Checks that a socket which a message names by its cookie or its ends belongs to the sender: any
 * program can send any.
 */
#ifndef BTNS_RUNNING_TOLD_SOCKETS_H
#define BTNS_RUNNING_TOLD_SOCKETS_H

#include "btnsd/state/daemon.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

/*
 * May this process report that it has accepted the connection q? Yes if the kernel says that the
 * user owns the socket, or if the process has it. Root is believed. A connection that is named by
 * its ends alone gets its cookie; 0: it is one of root's, and has ended.
 */
bool told_of_own(struct btnsd *d, const struct ucred *from, struct btns_flow *q);
/*
 * The kernel now has the socket e, whose latch was announced earlier. False: the socket belongs to
 * another user, so the latch has to be dropped.
 */
bool told_truly(struct latch *l, uid_t owner);

#endif
