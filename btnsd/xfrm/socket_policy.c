/* Sets the IPsec policies of one socket that a program passed to us. */
#include "btnsd/xfrm/xfrm.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* The socket's family decides which option is used, not the flow's family. */
static int set_policy(int fd, const void *policy, socklen_t len)
{
    int family = 0;
    socklen_t size = sizeof family;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size))
        return -errno;
    int rc = family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, policy, len)
                                : setsockopt(fd, IPPROTO_IP, IP_XFRM_POLICY, policy, len);
    return rc ? -errno : 0;
}

static int set_one(int fd, int family, uint8_t dir, uint8_t action)
{
    struct xfrm_userpolicy_info p = {
        .sel.family = (uint16_t)family,
        .lft = {XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0},
        .dir = dir,
        .action = action,
    };
    return set_policy(fd, &p, sizeof p);
}

static int set_both(int fd, int family, uint8_t action)
{
    int rc = set_one(fd, family, XFRM_POLICY_OUT, action);
    return rc ? rc : set_one(fd, family, XFRM_POLICY_IN, action);
}

int socket_deafen(int fd, int family)
{
    return set_one(fd, family, XFRM_POLICY_IN, XFRM_POLICY_BLOCK);
}

int socket_block(int fd, int family)
{
    return set_both(fd, family, XFRM_POLICY_BLOCK);
}

int socket_bypass(int fd, int family)
{
    return set_both(fd, family, XFRM_POLICY_ALLOW);
}

int socket_unblock(int fd)
{
    return set_policy(fd, NULL, 0);
}
