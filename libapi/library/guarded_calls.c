/*
 * connect() and listen() that see a socket's policy. btnsd has shut such a socket, by a filter
 * among other things: who sees no filter needs no question, and the call is the system's own.
 *
 * The library exports the system's names beside its own, so that a program which is linked with it
 * changes nothing. After dlopen() they are not found; then ipsec_connect() and ipsec_listen() are
 * called.
 */
#include "libapi/library/system_calls.h"

#include "libapi/library/ask_btnsd.h"
#include "libapi/library/msghdr.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

/* The library's own exports, under other names here, so that no call means them by mistake. */
EXPORT int own_connect(int fd, const struct sockaddr *addr, socklen_t len) __asm__("connect");
EXPORT int own_listen(int fd, int backlog) __asm__("listen");
EXPORT ssize_t own_sendmsg(int fd, const struct msghdr *msg, int flags) __asm__("sendmsg");
EXPORT ssize_t own_recvmsg(int fd, struct msghdr *msg, int flags) __asm__("recvmsg");

/* The same by names that nothing else can stand in for, to be told from others. */
#define LOCAL(name) __attribute__((alias(name), visibility("hidden")))
int local_connect(int fd, const struct sockaddr *addr, socklen_t len) LOCAL("connect");
int local_listen(int fd, int backlog) LOCAL("listen");
ssize_t local_sendmsg(int fd, const struct msghdr *msg, int flags) LOCAL("sendmsg");
ssize_t local_recvmsg(int fd, struct msghdr *msg, int flags) LOCAL("recvmsg");

/*
 * What the program itself would call by this name, for ipsec_*(): the shim's where it is preloaded.
 * Our own export is left out.
 */
static void *outer(const char *name, void *own)
{
    void *f = dlsym(RTLD_DEFAULT, name);
    return f && f != own ? f : dlsym(RTLD_NEXT, name);
}

/* Has btnsd shut the socket (or the program a filter of its own, which btnsd then is asked about)?
 */
static bool is_shut(int fd)
{
    int domain = 0, saved = errno;
    socklen_t size = sizeof domain, filters = 0;
    bool shut = !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) &&
                (domain == AF_INET || domain == AF_INET6) &&
                !getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &filters) && filters;
    errno = saved;
    return shut;
}

/* Only a filter of the program's own: btnsd knows of no policy. What btnsd shut stays shut. */
static int unless_unknown(int rc)
{
    return rc && errno == ENODATA ? 0 : rc;
}

static int ask_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    unsigned char buf[256];
    struct attrs_out o = {.buf = buf, .room = sizeof buf};
    int flags = fcntl(fd, F_GETFL);
    attrs_put_u32(&o, BTNS_API_FLAGS, flags >= 0 && flags & O_NONBLOCK ? BTNS_F_NONBLOCK : 0);
    attrs_put_u32(&o, BTNS_API_FD, (uint32_t)fd);
    attrs_put(&o, BTNS_API_REMOTE, addr, len);
    if (o.full)
        return fail(EINVAL, "connect: the address is too long");
    return unless_unknown(ask_btnsd("connect", BTNS_API_CONNECT, fd, o.buf, o.len, NULL));
}

static bool is_inet(const struct sockaddr *addr, socklen_t len)
{
    sa_family_t family;
    if (!addr || len < sizeof(struct sockaddr_in))
        return false;
    memcpy(&family, addr, sizeof family);
    return family == AF_INET || family == AF_INET6;
}

static int connect_by(connect_fn *call, int fd, const struct sockaddr *addr, socklen_t len)
{
    int saved = errno;
    if (is_shut(fd) && is_inet(addr, len) && ask_connect(fd, addr, len))
        return -1;
    errno = saved;
    return call(fd, addr, len);
}

/* listen() gives a socket without a port one; the question has to be about that port. */
static void give_port(int fd)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof ss;
    const struct sockaddr_in *in = (const void *)&ss; /* the port is at the same place in both */
    if (!getsockname(fd, (struct sockaddr *)&ss, &len) && !in->sin_port)
        bind(fd, (const struct sockaddr *)&ss, len);
}

static int listen_by(listen_fn *call, int fd, int backlog)
{
    int saved = errno;
    if (is_shut(fd)) {
        give_port(fd);
        if (unless_unknown(ask_btnsd("listen", BTNS_API_LISTEN, fd, NULL, 0, NULL)))
            return -1;
    }
    errno = saved;
    return call(fd, backlog);
}

int own_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    return connect_by(call_next_connect, fd, addr, len);
}

int own_listen(int fd, int backlog)
{
    return listen_by(call_next_listen, fd, backlog);
}

ssize_t own_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    return message_may("sendmsg", fd, msg) ? -1 : call_next_sendmsg(fd, msg, flags);
}

ssize_t own_recvmsg(int fd, struct msghdr *msg, int flags)
{
    return message_may("recvmsg", fd, msg) ? -1 : call_next_recvmsg(fd, msg, flags);
}

EXPORT int ipsec_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    connect_fn *f = (connect_fn *)outer("connect", (void *)local_connect);
    return connect_by(f ? f : call_next_connect, fd, addr, len);
}

EXPORT int ipsec_listen(int fd, int backlog)
{
    listen_fn *f = (listen_fn *)outer("listen", (void *)local_listen);
    return listen_by(f ? f : call_next_listen, fd, backlog);
}

EXPORT ssize_t ipsec_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    sendmsg_fn *f = (sendmsg_fn *)outer("sendmsg", (void *)local_sendmsg);
    if (!msg)
        return fail(EINVAL, "ipsec_sendmsg: NULL");
    return message_may("ipsec_sendmsg", fd, msg) ? -1 : (f ? f : call_next_sendmsg)(fd, msg, flags);
}

EXPORT ssize_t ipsec_recvmsg(int fd, struct msghdr *msg, int flags)
{
    recvmsg_fn *f = (recvmsg_fn *)outer("recvmsg", (void *)local_recvmsg);
    if (!msg)
        return fail(EINVAL, "ipsec_recvmsg: NULL");
    return message_may("ipsec_recvmsg", fd, msg) ? -1 : (f ? f : call_next_recvmsg)(fd, msg, flags);
}
