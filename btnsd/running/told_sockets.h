/* Finds the owner of a socket that a message names by its cookie: any program can send any cookie.
 */
#ifndef BTNS_RUNNING_TOLD_SOCKETS_H
#define BTNS_RUNNING_TOLD_SOCKETS_H

#include "btnsd/state/daemon.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

/*
 * May this process say that it has accepted the connection q? The kernel has it as the user's, or
 * the process has it. Root's word is taken.
 */
bool told_of_own(struct btnsd *d, const struct ucred *from, const struct btns_flow *q);
/*
 * The kernel has the socket e of a latch that was announced before it could be looked up. False:
 * the latch is not its user's, and has to be dropped.
 */
bool told_truly(struct latch *l, uid_t owner);

#endif
