/* sendto(), sendmsg() and sendmmsg(): with MSG_FASTOPEN they connect, without they pass. */
#include "shim/calls.h"
#include "shim/permit.h"
#include "shim/target.h"

#include <errno.h>

/* True: send. False: errno says why not. A sending call has no unfinished state to come back to,
 * so it waits for the verdict through signals. */
static bool may_open(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct target t;
    int error, saved = errno;
    bool may = !target_read(&t, addr, len) ||
               permit_connect(fd, &t.remote, PERMIT_HOLD, &error) == PERMIT_GO;
    errno = may ? saved : error;
    return may;
}

static bool may_open_msg(int fd, const struct msghdr *msg)
{
    return !msg || may_open(fd, msg->msg_name, msg->msg_namelen);
}

ssize_t shim_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *addr,
                    socklen_t len)
{
    if ((flags & MSG_FASTOPEN) && !may_open(fd, addr, len))
        return -1;
    return REAL(sendto, fd, data, size, flags, addr, len);
}

ssize_t shim_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    if ((flags & MSG_FASTOPEN) && !may_open_msg(fd, msg))
        return -1;
    return REAL(sendmsg, fd, msg, flags);
}

/* Only the first message finds the socket unconnected. */
int shim_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    if ((flags & MSG_FASTOPEN) && count && msgs && !may_open_msg(fd, &msgs->msg_hdr))
        return -1;
    return REAL(sendmmsg, fd, msgs, count, flags);
}
