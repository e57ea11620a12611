/* Sends and receives messages under the policy that is set for the msghdr. */
#ifndef BTNS_LIBAPI_LIBRARY_MSGHDR_H
#define BTNS_LIBAPI_LIBRARY_MSGHDR_H

#include "libapi/library/system_calls.h"

#include <stdbool.h>

/* Has this thread set something for the msghdr? */
bool msghdr_is_set(const struct msghdr *msg);
/*
 * Does the policy of the msghdr, or of its datagram socket, allow sending on fd? Returns 0, also
 * without a policy; -1 with errno.
 */
int msghdr_may_send(const char *call, int fd, const struct msghdr *msg, int flags);
/*
 * Receives by `call`, which is recvmsg() under the name `name`, a message that the msghdr's policy
 * allows.
 */
ssize_t msghdr_receive_by(recvmsg_fn *call, const char *name, int fd, struct msghdr *msg,
                          int flags);

#endif
