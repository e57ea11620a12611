/*
 * sendto(), sendmsg() and sendmmsg(): with MSG_FASTOPEN they connect and ask btnsd first; without
 * it they pass through.
 */
#include "shim/calls.h"
#include "shim/mark.h"
#include "shim/permit.h"
#include "shim/target.h"

#include <errno.h>

/*
 * May the call open this connection? If not, errno says why. A sending call cannot return with the
 * connection half open, so it waits for the verdict even if signals arrive.
 */
static bool may_open(int fd, const struct target *t)
{
    int error, saved = errno;
    bool may =
        !t->remote.family || permit_connect(fd, &t->remote, PERMIT_HOLD, &error) != PERMIT_REFUSE;
    errno = may ? saved : error;
    return may;
}

ssize_t shim_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *addr,
                    socklen_t len)
{
    struct target t;
    if (!(flags & MSG_FASTOPEN))
        return REAL(sendto, fd, data, size, flags, addr, len);
    target_read(&t, addr, len);
    if (!may_open(fd, &t))
        return -1;
    return REAL(sendto, fd, data, size, flags, t.addr, t.len);
}

/* The structure is read once too: it says where the address is. */
static ssize_t open_by_message(int fd, struct msghdr msg, int flags)
{
    struct target t;
    target_read(&t, msg.msg_name, msg.msg_namelen);
    if (!may_open(fd, &t))
        return -1;
    msg.msg_name = (void *)(uintptr_t)t.addr;
    msg.msg_namelen = t.len;
    return REAL(sendmsg, fd, &msg, flags);
}

ssize_t shim_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    if ((flags & MSG_FASTOPEN) && target_is_pointer(msg))
        return open_by_message(fd, *msg, flags);
    if (mark_is_drawn() && target_is_pointer(msg) && !msg->msg_name)
        return PASS(sendmsg, fd, msg, flags); /* without an address it opens nothing */
    return REAL(sendmsg, fd, msg, flags);
}

/* Only the first message finds the socket unconnected: it is sent by itself. */
int shim_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    if (!(flags & MSG_FASTOPEN) || !count || !target_is_pointer(msgs))
        return REAL(sendmmsg, fd, msgs, count, flags);
    ssize_t sent = open_by_message(fd, msgs->msg_hdr, flags);
    if (sent < 0)
        return -1;
    msgs->msg_len = (unsigned)sent;
    int saved = errno, more = count > 1 ? REAL(sendmmsg, fd, msgs + 1, count - 1, flags) : 0;
    errno = saved;
    return more > 0 ? more + 1 : 1;
}
