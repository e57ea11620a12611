/*
 * Reads from msg_control when a datagram arrived and at which address.
 *
 * SO_TIMESTAMPNS would not do: a datagram that arrived before it was set gets the time of the
 * recvmsg() that reads it.
 */
#include "libapi/library/stamps.h"

#include "libapi/library/ask_btnsd.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>

#define STAMPS (SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE)

static uint32_t stamps_of(int fd)
{
    uint32_t stamps[2] = {0, 0}; /* the kernel's further flags are not needed */
    socklen_t len = sizeof stamps;
    return getsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, stamps, &len) ? 0 : stamps[0];
}

bool stamps_are_prepared(int fd)
{
    int saved = errno;
    uint32_t stamps = stamps_of(fd);
    errno = saved;
    return (stamps & STAMPS) == STAMPS;
}

static int prepare_stamps(int fd)
{
    const int on = 1;
    int domain = 0;
    socklen_t len = sizeof domain;
    uint32_t stamps = stamps_of(fd) | STAMPS;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps))
        return -1;
    return domain == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
                              : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

EXPORT int ipsec_prepare_recv(int fd)
{
    static const char call[] = "ipsec_prepare_recv";
    if (ask_need_transport(call, fd))
        return -1;
    if (!ask_is_datagram_socket(fd))
        return 0;
    return prepare_stamps(fd) ? thread_fail(errno, "%s: %s", call, strerrordesc_np(errno)) : 0;
}

static void put_stamped_local(struct attrs_out *o, const struct cmsghdr *c)
{
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_len >= CMSG_LEN(sizeof(struct in_pktinfo))) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        const struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = info.ipi_addr};
        attrs_put(o, BTNS_API_LOCAL, &to, sizeof to);
    } else if (c->cmsg_level == IPPROTO_IPV6 &&
               c->cmsg_len >= CMSG_LEN(sizeof(struct in6_pktinfo))) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        const struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = info.ipi6_addr};
        attrs_put(o, BTNS_API_LOCAL, &to, sizeof to);
    }
}

void stamps_put_arrival(struct attrs_out *o, const struct msghdr *msg)
{
    uint64_t came = 0;
    struct msghdr m = *msg;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        struct scm_timestamping t;
        bool local = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) ||
                     (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO);
        if (local)
            put_stamped_local(o, c);
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPING ||
            c->cmsg_len < CMSG_LEN(sizeof t))
            continue;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        came = (uint64_t)t.ts[0].tv_sec * 1000000000u + (uint64_t)t.ts[0].tv_nsec;
    }
    attrs_put_u64(o, BTNS_API_CAME, came);
}
