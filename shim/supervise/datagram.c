/*
 * Makes the program's sending call again, with a copy of the socket and of everything that the call
 * points to. Another thread that writes to the program's memory meanwhile can change the data, but
 * not the destination.
 */
#include "shim/supervise/datagram.h"

#include "libapi/wire/source_route.h"
#include "libapi/wire/wire.h"
#include "shim/supervise/lines.h"
#include "shim/supervise/rights.h"
#include "shim/supervise/workers.h"

#include <errno.h>
#include <limits.h>
#include <linux/in6.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/*
 * The kernel, too, refuses larger ones (EMSGSIZE, ENOBUFS): no datagram has more bytes, and
 * net.core.optmem_max was 20 KiB until Linux 6.8.
 */
enum { DATA_MAX = 65536, CONTROL_MAX = 20480 };

struct copy {
    struct msghdr msg;
    struct iovec part;
};

/* Copies `len` bytes at `at` in the program; the caller frees *to. */
static int copy_datagram_part(const struct caller *c, uint64_t at, size_t len, void **to)
{
    *to = len ? malloc(len) : NULL;
    if (len && !*to)
        return -ENOMEM;
    return len ? caller_read(c, at, *to, len) : 0;
}

static int join_datagram_parts(const struct caller *c, const struct iovec *part, size_t n,
                               struct iovec *all)
{
    size_t len = 0, done = 0;
    for (size_t i = 0; i < n; len += part[i++].iov_len)
        if (part[i].iov_len > DATA_MAX - len)
            return -EMSGSIZE;
    all->iov_base = malloc(len + 1);
    if (!all->iov_base)
        return -ENOMEM;
    all->iov_len = len;
    for (size_t i = 0; i < n; done += part[i++].iov_len) {
        uint64_t at = (uint64_t)(uintptr_t)part[i].iov_base;
        int rc =
            part[i].iov_len ? caller_read(c, at, (char *)all->iov_base + done, part[i].iov_len) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static int copy_datagram_parts(const struct caller *c, const struct msghdr *msg, struct copy *y)
{
    void *parts;
    if (msg->msg_iovlen > IOV_MAX)
        return -EMSGSIZE;
    int rc = copy_datagram_part(c, (uint64_t)(uintptr_t)msg->msg_iov,
                                msg->msg_iovlen * sizeof(struct iovec), &parts);
    rc = rc ? rc : join_datagram_parts(c, parts, msg->msg_iovlen, &y->part);
    free(parts);
    return rc;
}

static int copy_datagram_msghdr(const struct caller *c, const struct sight *s, struct copy *y)
{
    const struct msghdr *msg = &s->message;
    size_t control = msg->msg_control ? msg->msg_controllen : 0;
    if (control > CONTROL_MAX)
        return -ENOBUFS;
    y->msg.msg_controllen = control;
    int rc =
        copy_datagram_part(c, (uint64_t)(uintptr_t)msg->msg_control, control, &y->msg.msg_control);
    return rc ? rc : copy_datagram_parts(c, msg, y);
}

/* May the socket, or any socket of this host, name any source address? */
static bool may_datagram_name_any_source(int fd)
{
    int on = 0, allowed = 0;
    socklen_t len = sizeof on;
    if (!getsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, &len) && on)
        return true;
    FILE *f = fopen("/proc/sys/net/ipv6/ip_nonlocal_bind", "re");
    if (f && fscanf(f, "%d", &allowed) != 1)
        allowed = 0;
    if (f)
        fclose(f);
    return allowed;
}

static const char *datagram_diverts_by(int fd, const struct cmsghdr *m)
{
    struct in6_pktinfo from;
    const size_t len = m->cmsg_len < CMSG_LEN(0) ? 0 : m->cmsg_len - CMSG_LEN(0);
    if (m->cmsg_level == IPPROTO_IP && m->cmsg_type == IP_RETOPTS)
        return has_source_route(CMSG_DATA(m), len)
                   ? "a source route (IP_RETOPTS) would lead the datagram past its guard: send it "
                     "without"
                   : NULL;
    if (m->cmsg_level != IPPROTO_IPV6 || len < sizeof from ||
        (m->cmsg_type != IPV6_PKTINFO && m->cmsg_type != IPV6_2292PKTINFO))
        return NULL;
    memcpy(&from, CMSG_DATA(m), sizeof from);
    return !IN6_IS_ADDR_UNSPECIFIED(&from.ipi6_addr) && may_datagram_name_any_source(fd)
               ? "the datagram names its source (IPV6_PKTINFO), and its socket may name any "
                 "address: "
                 "send it without"
               : NULL;
}

static int copy_callers_datagram(const struct caller *c, const struct sight *s, struct copy *y)
{
    const __u64 *args = c->call.data.args;
    if (c->call.data.nr != SYS_sendto)
        return copy_datagram_msghdr(c, s, y);
    const struct iovec data = {(void *)(uintptr_t)args[1], args[2]};
    return join_datagram_parts(c, &data, 1, &y->part);
}

/* As in the shim: no guard covers a datagram with a source route or a foreign source address. */
static bool is_callers_datagram_diverted(const struct supervision *v, const struct caller *c,
                                         const struct sight *s, struct msghdr *msg)
{
    const char *why = NULL;
    if (!msg->msg_controllen || v->flags & BTNS_F_BYPASS)
        return false;
    const char *end = (const char *)msg->msg_control + msg->msg_controllen;
    for (struct cmsghdr *m = CMSG_FIRSTHDR(msg); m && !why; m = CMSG_NXTHDR(msg, m)) {
        if (m->cmsg_len > (size_t)(end - (const char *)m))
            break; /* the kernel refuses all of it */
        why = datagram_diverts_by(s->fd, m);
    }
    if (why)
        line_once(c, s->remote.family ? &s->remote : NULL, "", why);
    return why;
}

static long send_datagram_copy(const struct caller *c, const struct sight *s,
                               const struct msghdr *msg)
{
    long n = rights_lower(c) ? workers_send(s->fd, msg, s->flags | MSG_NOSIGNAL) : -EPERM;
    rights_restore();
    return n;
}

long datagram_send(const struct supervision *v, const struct caller *c, const struct sight *s)
{
    const __u64 *args = c->call.data.args;
    struct copy y = {.msg = {.msg_name = s->len ? (void *)(uintptr_t)&s->address : NULL,
                             .msg_namelen = s->len,
                             .msg_iov = &y.part,
                             .msg_iovlen = 1}};
    bool many = c->call.data.nr == SYS_sendmmsg;
    if (many && !(unsigned)args[2])
        return 0;
    long n = copy_callers_datagram(c, s, &y);
    /* With MSG_ZEROCOPY, the program would have to be told when its data is not needed any more. */
    if (!n)
        n = s->flags & MSG_ZEROCOPY                         ? -EOPNOTSUPP
            : is_callers_datagram_diverted(v, c, s, &y.msg) ? -EPERM
                                                            : send_datagram_copy(c, s, &y.msg);
    free(y.part.iov_base);
    free(y.msg.msg_control);
    if (!many || n < 0)
        return n;
    unsigned sent = (unsigned)n;
    uint64_t to = args[1] + offsetof(struct mmsghdr, msg_len);
    int rc = caller_write(c, to, &sent, sizeof sent);
    return rc ? rc : 1;
}
