/* Asks whether a host runs an IKE daemon, by a datagram to UDP port 500. */
#include "btnsd/xfrm/port_probe.h"

#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/errqueue.h>

static enum port_answer port_probe_answer(unsigned error)
{
    switch (error) {
    case ECONNREFUSED:
        return PORT_CLOSED;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
        return PORT_NO_WAY;
    default: /* EMSGSIZE, EACCES of a firewall ...: says nothing about a daemon */
        return PORT_SILENT;
    }
}

static int port_probe_connect(int fd, const struct btns_addr *local, const struct btns_addr *remote)
{
    struct btns_addr from = *local, to = *remote;
    struct sockaddr_storage ss;
    const int on = 1;
    bool v6 = remote->family == AF_INET6;
    from.port = 0;
    to.port = IKE_PORT;
    socket_policy_bypass(fd, remote->family); /* like IKE itself */
    if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on,
                   sizeof on))
        return -errno;
    socklen_t len = btns_addr_to_sa(&from, remote->family, &ss);
    if (bind(fd, (const void *)&ss, len))
        return -errno;
    len = btns_addr_to_sa(&to, remote->family, &ss);
    return connect(fd, (const void *)&ss, len) ? -errno : 0;
}

int port_probe_open(const struct btns_addr *local, const struct btns_addr *remote)
{
    int fd = socket(remote->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc = fd < 0 ? -errno : port_probe_connect(fd, local, remote);
    if (!rc)
        return fd;
    if (fd >= 0)
        close(fd);
    return rc;
}

enum port_answer port_probe_send(int fd)
{
    static const char keepalive = '\xff'; /* RFC 3948, 2.3: it has no answer */
    return send(fd, &keepalive, 1, MSG_NOSIGNAL) < 0 ? port_probe_answer((unsigned)errno)
                                                     : PORT_SILENT;
}

/* Reads one message of the error queue, which has each error with its origin. */
static bool read_port_probe_error(int fd, enum port_answer *answer)
{
    char data[16];
    union {
        struct cmsghdr aligned;
        char room[256];
    } control;
    struct iovec iov = {data, sizeof data};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        struct sock_extended_err e;
        if (c->cmsg_len < CMSG_LEN(sizeof e) ||
            !((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
              (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)))
            continue;
        memcpy(&e, CMSG_DATA(c), sizeof e);
        enum port_answer found = port_probe_answer(e.ee_errno);
        *answer = found == PORT_SILENT ? *answer : found;
    }
    return true;
}

enum port_answer port_probe_read(int fd)
{
    enum port_answer answer = PORT_SILENT;
    char ignored[16];
    for (int i = 0; i < 8 && read_port_probe_error(fd, &answer); i++)
        ;
    /* Discards datagrams that came back; recv() also clears a pending error. */
    while (recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) >= 0)
        ;
    return answer;
}
