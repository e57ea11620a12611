/*
 * sendto() and sendmsg(): with MSG_FASTOPEN they connect, and with an address a datagram socket
 * sends there: btnsd is asked first. Without either they pass through.
 */
#include "shim/calls.h"
#include "shim/datagram_parts.h"
#include "shim/mark.h"
#include "shim/memory.h"
#include "shim/sending.h"

#include <errno.h>

/* Is the datagram to be sent once more? t: NULL if the call had no address. */
static bool is_message_unsent(int fd, const struct target *t, ssize_t rc)
{
    if (!send_met_deleted_sa(rc))
        return false;
    bool unsent = t ? t->remote.family != 0 : sends_what(fd) == SENDS_DATAGRAMS;
    errno = EINVAL;
    return unsent;
}

static ssize_t send_message_to_target(int fd, const void *data, size_t size, int flags,
                                      const struct target *t)
{
    int saved = errno;
    const struct sockaddr *addr = t ? t->addr : NULL;
    socklen_t len = t ? t->len : 0;
    ssize_t rc = REAL(sendto, fd, data, size, flags, addr, len);
    if (is_message_unsent(fd, t, rc)) {
        rc = REAL(sendto, fd, data, size, flags, addr, len);
        errno = rc < 0 ? errno : saved;
    }
    return t ? sent_or_why(fd, t, rc) : rc;
}

static ssize_t send_one_message(int fd, const struct msghdr *msg, int flags, const struct target *t)
{
    int saved = errno;
    ssize_t rc = PASS(sendmsg, fd, msg, flags);
    if (is_message_unsent(fd, t, rc)) {
        rc = PASS(sendmsg, fd, msg, flags);
        errno = rc < 0 ? errno : saved;
    }
    return t ? sent_or_why(fd, t, rc) : rc;
}

ssize_t shim_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *addr,
                    socklen_t len)
{
    struct target t;
    datagram_parts_note(flags);
    if (!addr)
        return send_message_to_target(fd, data, size, flags, NULL);
    if (sends_probably(fd) != SENDS_DATAGRAMS && !(flags & MSG_FASTOPEN))
        return REAL(sendto, fd, data, size, flags, addr, len);
    target_read(&t, fd, addr, len);
    if (sends_to_open(fd, flags))
        return send_may_open(fd, &t) ? REAL(sendto, fd, data, size, flags, t.addr, t.len) : -1;
    enum send_how how = send_may_go(fd, &t, flags);
    if (how == SEND_REFUSED)
        return -1;
    if (how == SEND_OTHER || !mark_is_drawn())
        return send_message_to_target(fd, data, size, flags, &t);
    struct iovec part = {
        (void *)(uintptr_t)data,
        size}; /* libc's sendto() has no register free for the mark, so sendmsg() is used */
    struct msghdr msg = {.msg_name = (void *)(uintptr_t)t.addr,
                         .msg_namelen = t.len,
                         .msg_iov = &part,
                         .msg_iovlen = 1};
    return send_one_message(fd, &msg, flags, &t);
}

static void set_message_name(struct msghdr *msg, const struct target *t)
{
    msg->msg_name = (void *)(uintptr_t)t->addr;
    msg->msg_namelen = t->len;
}

static ssize_t send_one_datagram(int fd, struct msghdr *msg, int flags)
{
    struct target t;
    target_read_name(&t, fd, msg);
    enum send_how how = send_may_go(fd, &t, flags);
    set_message_name(msg, &t);
    if (how == SEND_REFUSED)
        return -1;
    return how == SEND_OTHER ? REAL(sendmsg, fd, msg, flags) : send_one_message(fd, msg, flags, &t);
}

static ssize_t open_by_first_sendmsg(int fd, struct msghdr *msg, int flags)
{
    struct target t;
    target_read_name(&t, fd, msg);
    if (!send_may_open(fd, &t))
        return -1;
    set_message_name(msg, &t);
    return REAL(sendmsg, fd, msg, flags);
}

/* Without MSG_FASTOPEN, and on no datagram socket, the address has no effect and is not read. */
static bool is_plain_message(int fd, const struct msghdr *msg, int flags)
{
    return !(flags & MSG_FASTOPEN) &&
           (sends_probably(fd) == SENDS_STREAM ||
            (!memory_is_sure(msg, sizeof *msg) && sends_what(fd) == SENDS_STREAM));
}

static bool message_has_other_target(int fd, const struct msghdr *msg)
{
    bool sure = memory_is_sure(msg, sizeof *msg);
    return sure ? sends_probably(fd) == SENDS_OTHER && (!mark_is_drawn() || msg->msg_name)
                : sends_what(fd) == SENDS_OTHER;
}

/* The structure is read once as well, because it points to the address. */
ssize_t shim_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    struct msghdr own;
    datagram_parts_note(flags);
    if (!send_library_allows(fd, msg, flags))
        return -1;
    if (is_plain_message(fd, msg, flags))
        return PASS(sendmsg, fd, msg, flags); /* the kernel ignores an address here */
    if (!(flags & MSG_FASTOPEN) && message_has_other_target(fd, msg))
        return REAL(sendmsg, fd, msg, flags);
    if (!memory_read(fd, &own, msg, sizeof own))
        return REAL(sendmsg, fd, MEMORY_NONE, flags);
    if (sends_to_open(fd, flags))
        return open_by_first_sendmsg(fd, &own, flags);
    if (send_is_diverted(fd, &own))
        return -1;
    return own.msg_name ? send_one_datagram(fd, &own, flags)
                        : send_one_message(fd, &own, flags, NULL);
}
