/*
 * sendto(), sendmsg() and sendmmsg(): with MSG_FASTOPEN they connect and ask btnsd first; without
 * it they pass through.
 */
#include "shim/calls.h"
#include "shim/permit.h"
#include "shim/target.h"

#include <errno.h>

/*
 * May the call open this connection? If not, errno says why. A sending call cannot return with the
 * connection half open, so it waits for the verdict even if signals arrive.
 */
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

/* Only the first message can open the connection; the later ones find the socket connected. */
int shim_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    if ((flags & MSG_FASTOPEN) && count && msgs && !may_open_msg(fd, &msgs->msg_hdr))
        return -1;
    return REAL(sendmmsg, fd, msgs, count, flags);
}
