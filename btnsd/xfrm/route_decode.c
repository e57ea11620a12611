/* Decodes the kernel's messages about routes. */
#include "btnsd/xfrm/decode.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

/* The error that connect() returns for a route of this type. */
static int route_type_error(unsigned type)
{
    switch (type) {
    case RTN_UNREACHABLE:
        return -EHOSTUNREACH;
    case RTN_BLACKHOLE:
        return -EINVAL;
    case RTN_PROHIBIT:
        return -EACCES;
    default:
        return 0;
    }
}

static void route_source_decode(const struct nlattr *attr, int family, struct route *r)
{
    xfrm_address_t ip = {0};

    if (nl_attr_copy(attr, &ip, family == AF_INET ? 4 : 16))
        xfrm_addr_decode(&r->local, family, &ip, 0);
}

bool route_decode(const struct nlmsghdr *nlh, struct route *r, int *error)
{
    struct rtmsg m;
    struct rta_cacheinfo cache;
    uint32_t oif = 0;
    const struct nlattr *attr;

    memset(r, 0, sizeof *r);
    *error = 0;
    if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof m)
        return false;
    memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof m);
    if (m.rtm_family != AF_INET && m.rtm_family != AF_INET6)
        return false;
    nl_for_each_attr(attr, nlh, sizeof m)
    {
        if (mnl_attr_get_type(attr) == RTA_PREFSRC)
            route_source_decode(attr, m.rtm_family, r);
        if (mnl_attr_get_type(attr) == RTA_OIF)
            nl_attr_copy(attr, &oif, sizeof oif);
        /*
         * RTA_CACHEINFO has the kernel's negative error as an unsigned number, with its sign
         * changed.
         */
        if (mnl_attr_get_type(attr) == RTA_CACHEINFO && nl_attr_copy(attr, &cache, sizeof cache) &&
            cache.rta_error > 0 && cache.rta_error < 4096)
            *error = -(int)cache.rta_error;
    }
    if (r->local.family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)r->local.ip))
        r->local.scope = oif;
    r->ifindex = (int)oif;
    r->to_self = m.rtm_type == RTN_LOCAL;
    r->multicast = m.rtm_type == RTN_MULTICAST || m.rtm_type == RTN_BROADCAST;
    if (!*error)
        *error = route_type_error(m.rtm_type);
    return true;
}

bool route_decode_local(const struct nlmsghdr *nlh, struct btns_addr *net, unsigned *bits)
{
    struct rtmsg m;
    xfrm_address_t ip = {0};
    const struct nlattr *attr, *to = NULL;

    if ((nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE) ||
        mnl_nlmsg_get_payload_len(nlh) < sizeof m)
        return false;
    memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof m);
    if (!(m.rtm_family == AF_INET && m.rtm_type == RTN_LOCAL) &&
        !(m.rtm_family == AF_INET6 && m.rtm_type == RTN_ANYCAST))
        return false;
    nl_for_each_attr(attr, nlh, sizeof m)
    {
        if (mnl_attr_get_type(attr) == RTA_DST)
            to = attr;
    }
    *bits = m.rtm_dst_len;
    return *bits && nl_attr_copy(to, &ip, m.rtm_family == AF_INET ? 4 : 16) &&
           xfrm_addr_decode(net, m.rtm_family, &ip, 0) && *bits <= btns_addr_bits(net);
}
