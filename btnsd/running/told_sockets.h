/* Finds the owner of a socket that a message names by its cookie or its ends: any program can send
 * any. */
#ifndef BTNS_RUNNING_TOLD_SOCKETS_H
#define BTNS_RUNNING_TOLD_SOCKETS_H

#include "btnsd/state/daemon.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

/*
 * May this process say that it has accepted the connection q? The kernel has it as the user's, or
 * the process has it. Root's word is taken. A connection that is named by its ends alone gets its
 * cookie; 0: it is one of root's, and has ended.
 */
bool told_of_own(struct btnsd *d, const struct ucred *from, struct btns_flow *q);
/*
 * The kernel now has the socket e, whose latch was announced earlier. False: the socket belongs to
 * another user, so the latch has to be dropped.
 */
bool told_truly(struct latch *l, uid_t owner);

#endif
