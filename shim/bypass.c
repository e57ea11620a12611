/*
 * Sets the bypass policy on the program's own socket. btnsd cannot check CAP_NET_ADMIN: /proc shows
 * a process's capabilities now, not when it asked. So the program sets the policy itself, and the
 * kernel checks.
 */
#include "shim/bypass.h"

#include "shim/raw.h"

#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/socket.h>

static long set_bypass_policy(int fd, int family, const void *policy, socklen_t len)
{
    return family == AF_INET6 ? RAW(setsockopt, fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, policy, len)
                              : RAW(setsockopt, fd, IPPROTO_IP, IP_XFRM_POLICY, policy, len);
}

static long set_bypass_direction(int fd, int family, uint8_t direction)
{
    const struct xfrm_userpolicy_info p = {
        .sel.family = (uint16_t)family,
        .lft = {XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0},
        .dir = direction,
        .action = XFRM_POLICY_ALLOW,
    };
    return set_bypass_policy(fd, family, &p, sizeof p);
}

static long bypass_family(int fd, int *family)
{
    socklen_t len = sizeof *family;
    return RAW(getsockopt, fd, SOL_SOCKET, SO_DOMAIN, family, &len);
}

int bypass_set(int fd)
{
    int family = 0;
    long rc = bypass_family(fd, &family);
    if (!rc)
        rc = set_bypass_direction(fd, family, XFRM_POLICY_OUT);
    if (!rc)
        rc = set_bypass_direction(fd, family, XFRM_POLICY_IN);
    return (int)rc;
}

int bypass_try(int fd)
{
    int family = 0;
    long rc = bypass_family(fd, &family);
    if (!rc)
        rc = bypass_set(fd);
    if (!rc)
        rc = set_bypass_policy(fd, family, NULL, 0);
    return (int)rc;
}
