/*
 * Checks that a socket which a message names by its cookie belongs to the sender: any program can
 * send any cookie.
 */
#ifndef BTNS_RUNNING_SOCKET_OWNER_H
#define BTNS_RUNNING_SOCKET_OWNER_H

#include "btnsd/state/daemon.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

/*
 * May this process report that it has accepted the connection q? Yes if the kernel says that the
 * user owns the socket, or if the process has it. Root is believed.
 */
bool sender_owns_socket(struct btnsd *d, const struct ucred *from, const struct btns_flow *q);
/*
 * The kernel now has the socket e, whose latch was announced earlier. False: the socket belongs to
 * another user, so the latch has to be dropped.
 */
bool latch_user_owns_socket(struct latch *l, uid_t owner);

#endif
