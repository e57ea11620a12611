/* Finds the system's functions behind those that the library exports under the same names. */
#include "libapi/library/system_calls.h"

#include <dlfcn.h>
#include <errno.h>

static int no_system_call(void)
{
    errno = ENOSYS;
    return -1;
}

int system_call_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    connect_fn *f = (connect_fn *)dlsym(RTLD_NEXT, "connect");
    return f ? f(fd, addr, len) : no_system_call();
}

int system_call_listen(int fd, int backlog)
{
    listen_fn *f = (listen_fn *)dlsym(RTLD_NEXT, "listen");
    return f ? f(fd, backlog) : no_system_call();
}

ssize_t system_call_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    sendmsg_fn *f = (sendmsg_fn *)dlsym(RTLD_NEXT, "sendmsg");
    return f ? f(fd, msg, flags) : no_system_call();
}

ssize_t system_call_recvmsg(int fd, struct msghdr *msg, int flags)
{
    recvmsg_fn *f = (recvmsg_fn *)dlsym(RTLD_NEXT, "recvmsg");
    return f ? f(fd, msg, flags) : no_system_call();
}

ssize_t system_call_sendto(int fd, const void *buf, size_t n, int flags,
                           const struct sockaddr *addr, socklen_t len)
{
    sendto_fn *f = (sendto_fn *)dlsym(RTLD_NEXT, "sendto");
    return f ? f(fd, buf, n, flags, addr, len) : no_system_call();
}

int system_call_sendmmsg(int fd, struct mmsghdr *v, unsigned n, int flags)
{
    sendmmsg_fn *f = (sendmmsg_fn *)dlsym(RTLD_NEXT, "sendmmsg");
    return f ? f(fd, v, n, flags) : no_system_call();
}
