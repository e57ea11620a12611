/*
 * The policies and channel infos that a thread has set for msghdrs, and the calls that obey them.
 */
#include "libapi/library/msghdr.h"

#include "libapi/library/ask_call.h"
#include "libapi/library/stamps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void forget_msghdr(struct thread_msg *m)
{
    ipsec_free_policy(m->policy);
    ipsec_free_channel_info(m->expected);
    ipsec_free_channel_info(m->channel);
    *m = (struct thread_msg){0};
}

/* Clears the peer of the last call: the same address may hold another msghdr later. */
static void forget_unless_msghdr_set(struct thread_msg *m)
{
    if (!m->policy && !m->expected)
        forget_msghdr(m);
}

static void forget_all_msghdrs(struct thread *t)
{
    for (size_t i = 0; i < THREAD_MSGS; i++)
        forget_msghdr(&t->msg[i]);
}

static struct thread_msg *find_msghdr(struct thread *t, const struct msghdr *msg)
{
    for (size_t i = 0; t && t->forget && i < THREAD_MSGS; i++)
        if (t->msg[i].msg == msg)
            return &t->msg[i];
    return NULL;
}

/* Returns the entry of this msghdr, or takes over the entry that was used longest ago. */
static struct thread_msg *get_msghdr(struct thread *t, const struct msghdr *msg)
{
    struct thread_msg *m = find_msghdr(t, msg), *oldest = t->msg;
    for (size_t i = 1; !m && i < THREAD_MSGS; i++)
        if (!t->msg[i].msg || (oldest->msg && t->msg[i].used < oldest->used))
            oldest = &t->msg[i];
    if (!m) {
        m = oldest;
        forget_msghdr(m);
        m->msg = msg;
    }
    m->used = ++t->clock;
    t->forget = forget_all_msghdrs;
    return m;
}

EXPORT int ipsec_set_msg_policy(const struct msghdr *msg, const ipsec_policy_t *policy)
{
    static const char call[] = "ipsec_set_msg_policy";
    ipsec_policy_t *copy = NULL;
    if (!msg)
        return thread_fail(EINVAL, "%s: NULL", call);
    if (policy && ipsec_dup_policy((ipsec_policy_t *)(uintptr_t)policy, &copy))
        return -1;
    struct thread *t = thread_get();
    if (!t) {
        ipsec_free_policy(copy);
        return thread_finish(-ENOMEM, call);
    }
    struct thread_msg *m = policy ? get_msghdr(t, msg) : find_msghdr(t, msg);
    if (m) {
        ipsec_free_policy(m->policy);
        m->policy = copy;
        forget_unless_msghdr_set(m);
    }
    return 0;
}

EXPORT int ipsec_get_msg_policy(const struct msghdr *msg, ipsec_policy_t **policy)
{
    static const char call[] = "ipsec_get_msg_policy";
    if (!msg || !policy)
        return thread_fail(EINVAL, "%s: NULL", call);
    const struct thread_msg *m = find_msghdr(thread_find(), msg);
    if (!m || !m->policy)
        return thread_fail(ENODATA, "%s: no policy is set for this msghdr", call);
    return ipsec_dup_policy(m->policy, policy);
}

EXPORT int ipsec_set_msg_channel_info(const struct msghdr *msg, const ipsec_channel_info_t *ci)
{
    static const char call[] = "ipsec_set_msg_channel_info";
    ipsec_channel_info_t *copy = NULL;
    if (!msg)
        return thread_fail(EINVAL, "%s: NULL", call);
    if (ci && !channel_names_peer(ci))
        return thread_fail(ENODATA, "%s: the channel info names no peer", call);
    if (ci && ipsec_dup_channel_info(ci, &copy))
        return -1;
    struct thread *t = thread_get();
    if (!t) {
        ipsec_free_channel_info(copy);
        return thread_finish(-ENOMEM, call);
    }
    struct thread_msg *m = ci ? get_msghdr(t, msg) : find_msghdr(t, msg);
    if (m) {
        ipsec_free_channel_info(m->expected);
        m->expected = copy;
        forget_unless_msghdr_set(m);
    }
    return 0;
}

EXPORT int ipsec_get_msg_channel_info(const struct msghdr *msg, ipsec_channel_info_t **ci)
{
    static const char call[] = "ipsec_get_msg_channel_info";
    if (!msg || !ci)
        return thread_fail(EINVAL, "%s: NULL", call);
    const struct thread_msg *m = find_msghdr(thread_find(), msg);
    if (m && m->unknown)
        return thread_fail(EAGAIN,
                           "%s: the sender of this datagram is not certain: another had the "
                           "address, or a guard began or ended, since it came",
                           call);
    if (!m || !m->channel)
        return thread_fail(ENODATA, "%s: this msghdr was not used since something was set for it",
                           call);
    return ipsec_dup_channel_info(m->channel, ci);
}

static int compare_msghdr_channel(const char *call, const struct thread_msg *m,
                                  const ipsec_channel_info_t *now)
{
    if (m->policy) {
        int rc = ipsec_check_channel_info(now, m->policy);
        if (rc > 0)
            errno = EPERM; /* ipsec_check_channel_info() has set the reason */
        if (rc)
            return -1;
    }
    if (!m->expected)
        return 0;
    int rc = ipsec_cmp_channel_info(now, m->expected);
    return rc ? thread_fail(
                    ENOKEY,
                    "%s: the peer at the other end is not the expected one, or is not proved", call)
              : 0;
}

/* Returns the entry of this msghdr; NULL: nothing is set for it. */
static struct thread_msg *find_set_msghdr(const struct msghdr *msg)
{
    struct thread_msg *m = find_msghdr(thread_find(), msg);
    return m && (m->policy || m->expected) ? m : NULL;
}

bool msghdr_is_set(const struct msghdr *msg)
{
    return find_set_msghdr(msg);
}

static void keep_msghdr_channel(struct thread_msg *m, ipsec_channel_info_t *now)
{
    m->unknown = false;
    ipsec_free_channel_info(m->channel);
    m->channel = now;
}

/* Gets the socket's channel. Returns -1 if it is not as good as the msghdr's policy asks. */
static int check_msghdr_channel(const char *call, int fd, struct thread_msg *m)
{
    ipsec_channel_info_t *now = NULL;
    if (ipsec_get_socket_channel_info(fd, &now))
        return -1;
    int rc = compare_msghdr_channel(call, m, now), error = errno;
    keep_msghdr_channel(m, now);
    errno = error;
    return rc;
}

/*
 * The datagram's destination or source. Returns false if there is none; the system's call reports
 * that.
 */
static bool msghdr_sockaddr(int fd, const struct msghdr *msg, struct sockaddr_storage *to,
                            socklen_t *len)
{
    int saved = errno;
    *len = sizeof *to;
    if (msg->msg_name && msg->msg_namelen && msg->msg_namelen <= sizeof *to) {
        *len = msg->msg_namelen;
        memcpy(to, msg->msg_name, *len);
    } else if (getpeername(fd, (struct sockaddr *)to, len)) {
        errno = saved;
        return false;
    }
    return to->ss_family == AF_INET || to->ss_family == AF_INET6;
}

/* Stores the peer that btnsd has named, for ipsec_get_msg_channel_info(). */
static int keep_msghdr_receiver(const char *call, int fd, struct thread_msg *m,
                                const struct sockaddr_storage *to, socklen_t len)
{
    unsigned char buf[256];
    struct attrs_out o = {.buf = buf, .room = sizeof buf};
    ipsec_channel_info_t *now = NULL;
    attrs_put(&o, BTNS_API_REMOTE, to, len);
    if (socket_channel_with(call, fd, o.buf, o.len, &now))
        return -1;
    keep_msghdr_channel(m, now);
    return 0;
}

int msghdr_may_send(const char *call, int fd, const struct msghdr *msg, int flags)
{
    struct sockaddr_storage to;
    socklen_t len;
    int saved = errno;
    struct thread_msg *m = find_set_msghdr(msg);
    if (m)
        keep_msghdr_channel(m, NULL); /* the peer of an earlier call */
    if (!m && (!msg->msg_name || !ask_call_is_shut(fd)))
        return 0;
    if (m && ask_need_transport(call, fd))
        return -1;
    if (!ask_is_datagram_socket(fd))
        return m ? check_msghdr_channel(call, fd, m) : 0;
    if (!msghdr_sockaddr(fd, msg, &to, &len))
        return 0;
    if (ask_send_to(call, fd, (struct sockaddr *)&to, len, flags, m) ||
        (m && keep_msghdr_receiver(call, fd, m, &to, len)))
        return -1;
    errno = saved;
    return 0;
}

/*
 * For the shim: its sendmsg() and sendmmsg() come before the library's and pass copies of msghdrs,
 * which the library would not recognise.
 */
EXPORT int btns_private_may_send(int fd, const struct msghdr *msg, int flags);

int btns_private_may_send(int fd, const struct msghdr *msg, int flags)
{
    int saved = errno;
    if (find_set_msghdr(msg) && msghdr_may_send("sendmsg", fd, msg, flags))
        return -1;
    errno = saved;
    return 0;
}

/*
 * The sender of the datagram is unknown: accepts it only if a datagram in the clear, from anybody,
 * would be accepted.
 */
static int take_unknown_msghdr_sender(struct thread_msg *m, int error)
{
    if (error != EAGAIN || m->expected || (m->policy && check_policy_asks_protection(m->policy)))
        return -1;
    m->unknown = true;
    return 0;
}

/* Returns 0 if the datagram is accepted, -1 with errno if not. */
static int check_msghdr_sender(const char *call, int fd, struct thread_msg *m,
                               const struct msghdr *msg)
{
    unsigned char buf[512];
    struct attrs_out o = {.buf = buf, .room = sizeof buf};
    struct sockaddr_storage from;
    socklen_t len;
    ipsec_channel_info_t *now = NULL;
    keep_msghdr_channel(m, NULL); /* the sender of a datagram that was dropped */
    if (msg->msg_flags & MSG_CTRUNC)
        return thread_fail(ENOBUFS,
                           "%s: msg_control was too small: give it IPSEC_MSG_CONTROL octets", call);
    if (!msghdr_sockaddr(fd, msg, &from, &len))
        return thread_fail(EDESTADDRREQ, "%s: the datagram is from no address", call);
    attrs_put(&o, BTNS_API_REMOTE, &from, len);
    stamps_put_arrival(&o, msg);
    if (socket_channel_with(call, fd, o.buf, o.len, &now))
        return take_unknown_msghdr_sender(m, errno);
    int rc = compare_msghdr_channel(call, m, now), error = errno;
    keep_msghdr_channel(m, now);
    errno = error;
    return rc;
}

/* Does the msghdr have room for the data that determine the sender? */
static int can_check_msghdr(const char *call, int fd, const struct msghdr *msg)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    if (!stamps_are_prepared(fd))
        return thread_fail(EINVAL, "%s: ipsec_prepare_recv() has to be called first", call);
    if (!msg->msg_control || msg->msg_controllen < IPSEC_MSG_CONTROL)
        return thread_fail(ENOBUFS, "%s: msg_control has less than IPSEC_MSG_CONTROL octets", call);
    if (!msg->msg_name && getpeername(fd, (struct sockaddr *)&peer, &len))
        return thread_fail(EDESTADDRREQ, "%s: msg_name has no room for the sender's address", call);
    return 0;
}

static ssize_t receive_one_msghdr(recvmsg_fn *call, int fd, struct msghdr *msg, int flags)
{
    unsigned long mark = thread_reason_mark();
    ssize_t n = call(fd, msg, flags);
    if (n < 0)
        thread_reason_none(mark);
    return n;
}

/* Receives datagrams until one is accepted; the others are dropped. */
static ssize_t receive_checked_msghdr(recvmsg_fn *call, const char *name, int fd,
                                      struct thread_msg *m, struct msghdr *msg, int flags)
{
    const struct msghdr before = *msg;
    struct msghdr nothing = {0};
    if (can_check_msghdr(name, fd, msg))
        return -1;
    for (;;) {
        int saved = errno;
        ssize_t n = receive_one_msghdr(call, fd, msg, flags);
        if (n < 0)
            return n;
        if (!check_msghdr_sender(name, fd, m, msg)) {
            errno = saved;
            return n;
        }
        int error = errno;
        if (flags & MSG_PEEK) /* MSG_PEEK does not remove the datagram from the queue */
            call(fd, &nothing, MSG_DONTWAIT);
        errno = error;
        if (error != ENOKEY && error != EPERM && error != EAGAIN)
            return -1;
        *msg = before;
    }
}

ssize_t msghdr_receive_by(recvmsg_fn *call, const char *name, int fd, struct msghdr *msg, int flags)
{
    struct thread_msg *m = find_set_msghdr(msg);
    if (!m || flags & MSG_ERRQUEUE)
        return receive_one_msghdr(call, fd, msg, flags);
    keep_msghdr_channel(m, NULL); /* the peer of an earlier call */
    if (ask_need_transport(name, fd))
        return -1;
    if (ask_is_datagram_socket(fd))
        return receive_checked_msghdr(call, name, fd, m, msg, flags);
    return check_msghdr_channel(name, fd, m) ? -1 : receive_one_msghdr(call, fd, msg, flags);
}
