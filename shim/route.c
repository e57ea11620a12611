/*
 * setsockopt(): notices options that change routing, so that verdicts cached for other sockets do
 * not apply.
 */
#include "shim/route.h"

#include "shim/calls.h"

#include <linux/in6.h>
#include <netinet/in.h>

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif
#ifndef IP_UNICAST_IF
#define IP_UNICAST_IF 50
#endif

static const struct {
    int level;
    int name;
} special[] = {
    {SOL_SOCKET, SO_BINDTODEVICE},
    {SOL_SOCKET, SO_BINDTOIFINDEX},
    {SOL_SOCKET, SO_MARK},
    {SOL_SOCKET, SO_DONTROUTE},
    {IPPROTO_IP, IP_UNICAST_IF},
    {IPPROTO_IP, IP_OPTIONS},
    {IPPROTO_IP, IP_XFRM_POLICY},
    {IPPROTO_IP, IP_IPSEC_POLICY},
    {IPPROTO_IPV6, IPV6_UNICAST_IF},
    {IPPROTO_IPV6, IPV6_ADDR_PREFERENCES},
    {IPPROTO_IPV6, IPV6_RTHDR},
    {IPPROTO_IPV6, IPV6_PKTINFO},
    {IPPROTO_IPV6, IPV6_IPSEC_POLICY},
    {IPPROTO_IPV6, IPV6_XFRM_POLICY},
};

/* Never reset: such options are too rare for an account of which sockets have them. */
static bool seen;

bool route_is_special(void)
{
    return __atomic_load_n(&seen, __ATOMIC_RELAXED);
}

int shim_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].level == level && special[i].name == name)
            __atomic_store_n(&seen, true, __ATOMIC_RELAXED);
    return REAL(setsockopt, fd, level, name, value, len);
}
