/*
 * Addresses that this host has only by a route. A program may send from them as from the address of
 * an interface: a local route of IPv4 makes a whole prefix this host's own (AnyIP), and a router
 * has the anycast addresses of its networks of IPv6. A local route of IPv6 gives no sources: only a
 * socket that may use any address (IPV6_FREEBIND) sends from its prefix.
 */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"
#include "btnsd/xfrm/own_addresses.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

static int take_local_route(const struct nlmsghdr *nlh, void *arg)
{
    struct own_address one;
    return route_decode_local(nlh, &one.net, &one.bits) ? nl_found_add(arg, &one) : 0;
}

/* The kernel leaves out the other types itself (Linux 4.20), of which there may be a million. */
static int dump_local_routes(struct nl *n, int family, int type, struct nl_found *f)
{
    union nl_request r;
    const struct rtmsg m = {.rtm_family = (unsigned char)family, .rtm_type = (unsigned char)type};
    struct nlmsghdr *nlh = nl_request(&r, RTM_GETROUTE, NLM_F_DUMP);
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof m), &m, sizeof m);
    return nl_dump(n, nlh, take_local_route, f);
}

static int read_local_routes(struct nl *n, struct nl_found *f)
{
    int on = 1;
    mnl_socket_setsockopt(n->sock, NETLINK_GET_STRICT_CHK, &on, sizeof on);
    int rc = dump_local_routes(n, AF_INET, RTN_LOCAL, f);
    return rc ? rc : dump_local_routes(n, AF_INET6, RTN_ANYCAST, f);
}

static int add_local_route(struct own_addresses *o, const struct own_address *one)
{
    if (btns_addr_is_loopback(&one->net) || own_addresses_list(o, one))
        return 0;
    if (o->routes >= OWN_ROUTES_MAX) {
        o->left_out++;
        return 0;
    }
    int rc = own_addresses_add(o, &one->net, one->bits);
    o->routes += !rc;
    return rc;
}

int own_addresses_add_local_routes(struct own_addresses *o)
{
    struct nl_found f = {.size = sizeof(struct own_address)};
    struct nl n;
    int rc = nl_open(&n, NETLINK_ROUTE, 0);
    if (rc)
        return rc;
    rc = read_local_routes(&n, &f);
    nl_close(&n);
    for (size_t i = 0; i < f.count; i++) { /* also where only some could be read */
        int one = add_local_route(o, &((const struct own_address *)(const void *)f.items)[i]);
        rc = one ? one : rc;
    }
    nl_found_free(&f);
    return rc == -EAFNOSUPPORT || rc == -EOPNOTSUPP ? 0 : rc;
}
