/* Asks btnsd before a connect(), or before a datagram is sent. */
#include "libapi/library/ask_call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>

bool ask_call_is_inet(int fd)
{
    int domain = 0, saved = errno;
    socklen_t size = sizeof domain;
    bool is = !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) &&
              (domain == AF_INET || domain == AF_INET6);
    errno = saved;
    return is;
}

bool ask_call_is_shut(int fd)
{
    socklen_t filters = 0;
    int saved = errno;
    bool shut = ask_call_is_inet(fd) &&
                !getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &filters) && filters;
    errno = saved;
    return shut;
}

int ask_call_unless_unknown(int fd, int rc)
{
    uint32_t mark = 0;
    socklen_t size = sizeof mark;
    if (!rc || errno != ENODATA)
        return rc;
    bool ours = !getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &size) && mark & BTNS_POLICY_MARKS;
    errno = ours ? EPERM : ENODATA; /* btnsd has restarted and has forgotten the policy */
    return ours ? rc : 0;
}

static bool ask_call_never_waits(int fd, int flags)
{
    int status = fcntl(fd, F_GETFL);
    return flags & MSG_DONTWAIT || (status >= 0 && status & O_NONBLOCK);
}

static int put_call(struct list *l, int fd, const struct sockaddr *addr, socklen_t len,
                    uint32_t flags)
{
    int rc = list_set_u32(l, BTNS_API_FLAGS, flags);
    rc = rc ? rc : list_set_u32(l, BTNS_API_FD, (uint32_t)fd);
    return rc ? rc : list_set(l, BTNS_API_REMOTE, addr, len);
}

static int put_call_message(struct list *l, const struct thread_msg *m)
{
    int rc = 0;
    if (m && m->policy)
        rc = list_set(l, BTNS_API_POLICY, m->policy->list.at, m->policy->list.len);
    return rc || !m || !m->expected ? rc : socket_channel_peer(l, m->expected);
}

static int ask_about(const char *call, int fd, const struct sockaddr *addr, socklen_t len,
                     uint32_t flags, const struct thread_msg *m)
{
    struct list l = {0};
    if (len > sizeof(struct sockaddr_storage))
        return thread_fail(EINVAL, "%s: the address is too long", call);
    int rc = put_call(&l, fd, addr, len, flags);
    rc = rc ? rc : put_call_message(&l, m);
    rc = rc ? thread_finish(rc, call) : ask_btnsd(call, BTNS_API_CONNECT, fd, l.at, l.len, NULL);
    int error = errno;
    list_free(&l);
    errno = error;
    return rc;
}

int ask_connect(const char *call, int fd, const struct sockaddr *addr, socklen_t len)
{
    uint32_t flags = ask_call_never_waits(fd, 0) ? BTNS_F_NONBLOCK : 0;
    return ask_call_unless_unknown(fd, ask_about(call, fd, addr, len, flags, NULL));
}

int ask_send_to(const char *call, int fd, const struct sockaddr *addr, socklen_t len, int flags,
                const struct thread_msg *m)
{
    uint32_t how = BTNS_F_SENDS | (ask_call_never_waits(fd, flags) ? BTNS_F_NONBLOCK : 0);
    int rc = ask_about(call, fd, addr, len, how, m);
    return m ? rc : ask_call_unless_unknown(fd, rc);
}
