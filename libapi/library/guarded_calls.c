/*
 * connect(), listen(), sendmsg() and recvmsg(), which obey the policy of a socket or message.
 *
 * The library exports them under the system's names as well as its own, so that a program that is
 * linked with it needs no change. After dlopen() the system's names do not reach the library; such
 * programs call ipsec_connect() and so on.
 */
#include "libapi/library/system_calls.h"

#include "libapi/library/ask_call.h"
#include "libapi/library/msghdr.h"
#include "libapi/library/supervised.h"

#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

/* The library's own exports, under other names here, so that no call means them by mistake. */
EXPORT int guarded_own_connect(int fd, const struct sockaddr *addr,
                               socklen_t len) __asm__("connect");
EXPORT int guarded_own_listen(int fd, int backlog) __asm__("listen");
EXPORT ssize_t guarded_own_sendmsg(int fd, const struct msghdr *msg, int flags) __asm__("sendmsg");
EXPORT ssize_t guarded_own_recvmsg(int fd, struct msghdr *msg, int flags) __asm__("recvmsg");
EXPORT ssize_t guarded_own_sendto(int fd, const void *buf, size_t n, int flags,
                                  const struct sockaddr *addr, socklen_t len) __asm__("sendto");
EXPORT int guarded_own_sendmmsg(int fd, struct mmsghdr *v, unsigned n,
                                int flags) __asm__("sendmmsg");

/*
 * Hidden names for the same functions, which no other library can replace, to recognise our own
 * exports.
 */
#define LOCAL(name) __attribute__((alias(name), visibility("hidden")))
int local_connect(int fd, const struct sockaddr *addr, socklen_t len) LOCAL("connect");
int local_listen(int fd, int backlog) LOCAL("listen");
ssize_t local_sendmsg(int fd, const struct msghdr *msg, int flags) LOCAL("sendmsg");
ssize_t local_recvmsg(int fd, struct msghdr *msg, int flags) LOCAL("recvmsg");

/*
 * For ipsec_*(): the function that the program itself would call by this name, the shim's if it is
 * preloaded, but not our own export.
 */
static void *guarded_outer_call(const char *name, void *own)
{
    void *f = dlsym(RTLD_DEFAULT, name);
    return f && f != own ? f : dlsym(RTLD_NEXT, name);
}

static bool is_guarded_inet_address(const struct sockaddr *addr, socklen_t len)
{
    sa_family_t family;
    if (!addr || len < sizeof(struct sockaddr_in))
        return false;
    memcpy(&family, addr, sizeof family);
    return family == AF_INET || family == AF_INET6;
}

static int guarded_connect_by(connect_fn *call, int fd, const struct sockaddr *addr, socklen_t len)
{
    int saved = errno;
    if (ask_call_is_shut(fd) && is_guarded_inet_address(addr, len) &&
        ask_connect("connect", fd, addr, len))
        return -1;
    errno = saved;
    unsigned long mark = thread_reason_mark();
    int rc = call(fd, addr, len);
    if (rc)
        ask_refusal("connect", fd, mark);
    return rc;
}

/* Binds a socket without a port as listen() would, because the question must be about that port. */
static void give_guarded_port(int fd)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof ss;
    /* IPv4 and IPv6 have the port at the same place. */
    const struct sockaddr_in *in = (const void *)&ss;
    if (!getsockname(fd, (struct sockaddr *)&ss, &len) && !in->sin_port)
        bind(fd, (const struct sockaddr *)&ss, len);
}

static int guarded_listen_by(listen_fn *call, int fd, int backlog)
{
    int saved = errno;
    if (ask_call_is_shut(fd)) {
        give_guarded_port(fd);
        if (ask_call_unless_unknown(fd, ask_btnsd("listen", BTNS_API_LISTEN, fd, NULL, 0, NULL)))
            return -1;
        if (ask_is_datagram_socket(fd)) /* a bound datagram socket receives already */
            return 0;
    }
    errno = saved;
    unsigned long mark = thread_reason_mark();
    int rc = call(fd, backlog);
    if (rc)
        ask_refusal("listen", fd, mark);
    return rc;
}

int guarded_own_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    return guarded_connect_by(system_call_connect, fd, addr, len);
}

int guarded_own_listen(int fd, int backlog)
{
    return guarded_listen_by(system_call_listen, fd, backlog);
}

static ssize_t guarded_send_by(sendmsg_fn *call, const char *name, int fd, const struct msghdr *msg,
                               int flags)
{
    if (msghdr_may_send(name, fd, msg, flags))
        return -1;
    unsigned long mark = thread_reason_mark();
    ssize_t n = call(fd, msg, flags);
    if (n < 0 && supervised_limit(fd, msg))
        n = msghdr_may_send(name, fd, msg, flags) ? -1 : call(fd, msg, flags);
    else if (n < 0)
        thread_reason_none(mark);
    return n;
}

ssize_t guarded_own_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    return guarded_send_by(system_call_sendmsg, "sendmsg", fd, msg, flags);
}

ssize_t guarded_own_sendto(int fd, const void *buf, size_t n, int flags,
                           const struct sockaddr *addr, socklen_t len)
{
    const struct msghdr msg = {.msg_name = (void *)(uintptr_t)addr, .msg_namelen = len};
    return addr && msghdr_may_send("sendto", fd, &msg, flags)
               ? -1
               : system_call_sendto(fd, buf, n, flags, addr, len);
}

/*
 * A message that may not be sent ends the call before it, like a message that the kernel cannot
 * send.
 */
int guarded_own_sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags)
{
    unsigned may = 0;
    while (may < n && !msghdr_may_send("sendmmsg", fd, &v[may].msg_hdr, flags))
        may++;
    if (n && !may)
        return -1;
    int sent = system_call_sendmmsg(fd, v, may, flags);
    bool again = sent < 0 && supervised_limit(fd, &v->msg_hdr) &&
                 !msghdr_may_send("sendmmsg", fd, &v->msg_hdr, flags);
    return again ? system_call_sendmmsg(fd, v, may, flags) : sent;
}

ssize_t guarded_own_recvmsg(int fd, struct msghdr *msg, int flags)
{
    return msghdr_receive_by(system_call_recvmsg, "recvmsg", fd, msg, flags);
}

EXPORT int ipsec_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    connect_fn *f = (connect_fn *)guarded_outer_call("connect", (void *)local_connect);
    return guarded_connect_by(f ? f : system_call_connect, fd, addr, len);
}

EXPORT int ipsec_listen(int fd, int backlog)
{
    listen_fn *f = (listen_fn *)guarded_outer_call("listen", (void *)local_listen);
    return guarded_listen_by(f ? f : system_call_listen, fd, backlog);
}

EXPORT ssize_t ipsec_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    sendmsg_fn *f = (sendmsg_fn *)guarded_outer_call("sendmsg", (void *)local_sendmsg);
    if (!msg)
        return thread_fail(EINVAL, "ipsec_sendmsg: NULL");
    return guarded_send_by(f ? f : system_call_sendmsg, "ipsec_sendmsg", fd, msg, flags);
}

EXPORT ssize_t ipsec_recvmsg(int fd, struct msghdr *msg, int flags)
{
    recvmsg_fn *f = (recvmsg_fn *)guarded_outer_call("recvmsg", (void *)local_recvmsg);
    if (!msg)
        return thread_fail(EINVAL, "ipsec_recvmsg: NULL");
    return msghdr_receive_by(f ? f : system_call_recvmsg, "ipsec_recvmsg", fd, msg, flags);
}
