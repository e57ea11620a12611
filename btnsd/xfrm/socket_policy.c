/* Sets the IPsec policies of one socket that a program passed to us. */
#include "btnsd/xfrm/xfrm.h"

#include "libapi/wire/wire.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>

/* The socket's family decides which option is used, not the flow's family. */
static int set_socket_policy_option(int fd, const void *policy, socklen_t len)
{
    int family = 0;
    socklen_t size = sizeof family;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size))
        return -errno;
    int rc = family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, policy, len)
                                : setsockopt(fd, IPPROTO_IP, IP_XFRM_POLICY, policy, len);
    return rc ? -errno : 0;
}

static struct xfrm_userpolicy_info socket_policy_info(int family, uint8_t dir, uint8_t action)
{
    return (struct xfrm_userpolicy_info){
        .sel.family = (uint16_t)family,
        .lft = {XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0},
        .dir = dir,
        .action = action,
    };
}

static int set_socket_policy_direction(int fd, int family, uint8_t dir, uint8_t action)
{
    struct xfrm_userpolicy_info p = socket_policy_info(family, dir, action);
    return set_socket_policy_option(fd, &p, sizeof p);
}

static int set_both_socket_policies(int fd, int family, uint8_t action)
{
    int rc = set_socket_policy_direction(fd, family, XFRM_POLICY_OUT, action);
    return rc ? rc : set_socket_policy_direction(fd, family, XFRM_POLICY_IN, action);
}

int socket_policy_deafen(int fd, int family)
{
    return set_socket_policy_direction(fd, family, XFRM_POLICY_IN, XFRM_POLICY_BLOCK);
}

int socket_policy_expect(int fd, int family, uint32_t reqid)
{
    const struct {
        struct xfrm_userpolicy_info info;
        struct xfrm_user_tmpl template;
    } p = {
        socket_policy_info(family, XFRM_POLICY_IN, XFRM_POLICY_ALLOW),
        {
            .id.proto = IPPROTO_ESP,
            .family = (uint16_t)family,
            .reqid = reqid,
            .mode = XFRM_MODE_TRANSPORT,
            .aalgos = ~0u,
            .ealgos = ~0u,
            .calgos = ~0u,
        },
    };
    return reqid ? set_socket_policy_option(fd, &p, sizeof p)
                 : -EINVAL; /* reqid 0 matches every SA */
}

/* Sets or clears these bits of the socket's mark, and leaves the others. */
static int set_socket_policy_mark(int fd, uint32_t bits, bool on)
{
    uint32_t mark = 0;
    socklen_t size = sizeof mark;
    if (getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &size))
        return -errno;
    mark = on ? mark | bits : mark & ~bits;
    return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) ? -errno : 0;
}

int socket_policy_mark(int fd, bool on)
{
    return set_socket_policy_mark(fd, SOCKET_MARK, on);
}

int socket_policy_block(int fd, int family)
{
    return set_both_socket_policies(fd, family, XFRM_POLICY_BLOCK);
}

int socket_policy_bypass(int fd, int family)
{
    return set_both_socket_policies(fd, family, XFRM_POLICY_ALLOW);
}

int socket_policy_unblock(int fd)
{
    return set_socket_policy_option(fd, NULL, 0);
}

/* Attaches a filter that keeps this many octets of each packet. */
static int set_socket_policy_filter(int fd, uint32_t octets)
{
    struct sock_filter keep = BPF_STMT(BPF_RET | BPF_K, octets);
    const struct sock_fprog filter = {1, &keep};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) ? -errno : 0;
}

int socket_policy_shut(int fd)
{
    int family = 0;
    socklen_t size = sizeof family;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) || set_socket_policy_filter(fd, 0))
        return -errno;
    int rc = set_socket_policy_mark(fd, BTNS_SHUT_MARK, true);
    return rc ? rc : socket_policy_block(fd, family);
}

int socket_policy_unfilter(int fd)
{
    int ignored = 0;
    int rc = setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored) ? -errno : 0;
    int unmarked = set_socket_policy_mark(fd, BTNS_SHUT_MARK | BTNS_UNGUARDED_MARK, false);
    return rc && rc != -ENOENT ? rc : unmarked;
}

int socket_policy_open(int fd)
{
    int rc = socket_policy_unfilter(fd), unblocked = socket_policy_unblock(fd);
    return rc ? rc : unblocked;
}

int socket_policy_limit(int fd, bool clear)
{
    int rc = set_socket_policy_mark(fd, BTNS_UNGUARDED_MARK, !clear);
    rc = rc ? rc : set_socket_policy_filter(fd, UINT32_MAX);
    rc = rc ? rc : set_socket_policy_mark(fd, BTNS_SHUT_MARK, false);
    return rc ? rc : socket_policy_unblock(fd);
}
