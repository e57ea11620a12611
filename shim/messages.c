/*
 * sendto(), sendmsg() and sendmmsg(): with MSG_FASTOPEN they connect, and with an address a
 * datagram socket sends there: btnsd is asked first. Without either they pass through.
 */
#include "shim/calls.h"
#include "shim/mark.h"
#include "shim/permit.h"
#include "shim/refused.h"
#include "shim/sock.h"
#include "shim/target.h"

#include "libapi/wire/service.h"

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

/* Would the flag open a connection? A datagram socket does not know it and sends as without it. */
static bool opens(int fd, int flags)
{
    return (flags & MSG_FASTOPEN) && !protocol_is_datagrams(sock_protocol(fd));
}

/*
 * May this datagram go? *other: the call is none of btnsd's, and the supervisor, if there is one,
 * judges it. A connection that sends with an address passes: the kernel ignores the address.
 */
static bool may_send(int fd, struct target *t, bool *other)
{
    int error = 0, saved = errno;
    target_unspecified(t, fd);
    *other = !t->remote.family;
    if (*other)
        return true;
    enum permit p = permit_send(fd, &t->remote, &error);
    *other = p == PERMIT_OTHER;
    errno = p == PERMIT_REFUSE ? error : saved;
    return p != PERMIT_REFUSE;
}

/* A guard that has failed blocks its datagrams: the reason is btnsd's. */
static ssize_t sent_or_why(int fd, const struct target *t, ssize_t rc)
{
    if (rc < 0 && errno == EPERM && t->remote.family)
        errno = refused_because(fd, &t->remote, errno);
    return rc;
}

static ssize_t send_datagram(int fd, const struct msghdr *msg, int flags)
{
    struct msghdr own = *msg;
    struct target t;
    bool other;
    target_read(&t, msg->msg_name, msg->msg_namelen);
    if (!may_send(fd, &t, &other))
        return -1;
    if (other)
        return REAL(sendmsg, fd, msg, flags);
    own.msg_name = (void *)(uintptr_t)t.addr;
    own.msg_namelen = t.len;
    return sent_or_why(fd, &t, PASS(sendmsg, fd, &own, flags));
}

ssize_t shim_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *addr,
                    socklen_t len)
{
    struct target t;
    bool other;
    if (!addr)
        return REAL(sendto, fd, data, size, flags, addr, len);
    target_read(&t, addr, len);
    if (opens(fd, flags))
        return may_open(fd, &t) ? REAL(sendto, fd, data, size, flags, t.addr, t.len) : -1;
    if (!may_send(fd, &t, &other))
        return -1;
    if (other || !mark_is_drawn())
        return sent_or_why(fd, &t, REAL(sendto, fd, data, size, flags, t.addr, t.len));
    struct iovec part = {(void *)(uintptr_t)data, size}; /* sendto() itself cannot have the mark */
    struct msghdr msg = {.msg_name = (void *)(uintptr_t)t.addr,
                         .msg_namelen = t.len,
                         .msg_iov = &part,
                         .msg_iovlen = 1};
    return sent_or_why(fd, &t, PASS(sendmsg, fd, &msg, flags));
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
    bool readable = target_is_pointer(msg);
    if (readable && opens(fd, flags))
        return open_by_message(fd, *msg, flags);
    if (readable && msg->msg_name)
        return send_datagram(fd, msg, flags);
    if (mark_is_drawn() && readable)
        return PASS(sendmsg, fd, msg, flags); /* without an address it opens nothing */
    return REAL(sendmsg, fd, msg, flags);
}

/*
 * How many of the messages, from the first, may be sent; -1: errno says why not even that one. Each
 * is judged by itself: one whose address names nothing says nothing of the next.
 */
static int may_send_some(int fd, const struct mmsghdr *msgs, unsigned count, bool *other)
{
    for (unsigned i = 0; i < count; i++) {
        struct target t;
        bool others;
        if (!msgs[i].msg_hdr.msg_name)
            continue;
        target_read(&t, msgs[i].msg_hdr.msg_name, msgs[i].msg_hdr.msg_namelen);
        if (!may_send(fd, &t, &others))
            return i ? (int)i : -1;
        if (t.remote.family)
            *other = others;
        if (t.remote.family && others)
            break;
    }
    return (int)count;
}

enum { MESSAGES = 1024 }; /* the kernel reads no more in one call: sendmmsg(2) */

static int send_datagrams(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    bool other = true;
    if (count > MESSAGES)
        count = MESSAGES;
    int some = may_send_some(fd, msgs, count, &other);
    if (some < 0)
        return -1;
    return other ? REAL(sendmmsg, fd, msgs, (unsigned)some, flags)
                 : PASS(sendmmsg, fd, msgs, (unsigned)some, flags);
}

/* Of a stream only the first message finds the socket unconnected: it is sent by itself. */
int shim_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
    if (!count || !target_is_pointer(msgs))
        return REAL(sendmmsg, fd, msgs, count, flags);
    if (!opens(fd, flags))
        return send_datagrams(fd, msgs, count, flags);
    ssize_t sent = open_by_message(fd, msgs->msg_hdr, flags);
    if (sent < 0)
        return -1;
    msgs->msg_len = (unsigned)sent;
    int saved = errno, more = count > 1 ? REAL(sendmmsg, fd, msgs + 1, count - 1, flags) : 0;
    errno = saved;
    return more > 0 ? more + 1 : 1;
}
