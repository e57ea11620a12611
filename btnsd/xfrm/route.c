/* Asks the kernel for the route to an address, and whether the address is this host's own. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

struct answer {
    struct route route;
    int error;
};

static int take_route(const struct nlmsghdr *nlh, void *arg)
{
    struct answer *a = arg;
    return route_decode(nlh, &a->route, &a->error) ? 0 : -EBADMSG;
}

/* connect() to an unspecified address reaches this host itself; a route lookup of :: does not. */
static struct btns_addr route_destination(const struct btns_addr *remote)
{
    static const struct btns_addr loopback4 = {.family = AF_INET, .ip = {127, 0, 0, 1}};
    static const struct btns_addr loopback6 = {.family = AF_INET6, .ip = {[15] = 1}};

    if (!btns_addr_is_any(remote))
        return *remote;
    return remote->family == AF_INET ? loopback4 : loopback6;
}

/* RTA_IP_PROTO takes only the protocols that routing rules can match. */
static void put_route_transport(struct nlmsghdr *nlh, const struct route_query *q)
{
    if (q->protocol != IPPROTO_TCP && q->protocol != IPPROTO_UDP)
        return;
    mnl_attr_put_u8(nlh, RTA_IP_PROTO, (uint8_t)q->protocol);
    if (q->remote.port)
        mnl_attr_put_u16(nlh, RTA_DPORT, htons(q->remote.port));
}

static void put_route_query(struct nlmsghdr *nlh, const struct btns_addr *to,
                            const struct route_query *q)
{
    size_t bits = btns_addr_bits(to);
    struct rtmsg m = {.rtm_family = (unsigned char)to->family,
                      .rtm_dst_len = (unsigned char)bits,
                      .rtm_tos = q->tos & IPTOS_TOS_MASK & ~IPTOS_ECN_MASK};
    uint32_t oif = q->ifindex ? (uint32_t)q->ifindex : to->scope;

    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof m), &m, sizeof m);
    mnl_attr_put(nlh, RTA_DST, bits / 8, to->ip);
    mnl_attr_put_u32(nlh, RTA_UID, q->uid);
    put_route_transport(nlh, q);
    if (q->mark)
        mnl_attr_put_u32(nlh, RTA_MARK, q->mark);
    if (oif)
        mnl_attr_put_u32(nlh, RTA_OIF, oif);
}

static bool is_multicast_route(const struct btns_addr *a)
{
    return a->family == AF_INET ? (a->ip[0] & 0xf0) == 0xe0 : a->ip[0] == 0xff;
}

/*
 * The socket is kept open, because making one costs several times as much as the question. After an
 * error, the next question gets a new socket, so that it cannot get the old answer.
 */
static struct nl kept;

static int ask_route(struct nlmsghdr *nlh, struct answer *a)
{
    int error = kept.sock ? 0 : nl_open(&kept, NETLINK_ROUTE, 0);
    if (!error)
        error = nl_ask(&kept, nlh, take_route, a);
    if (error)
        nl_close(&kept);
    return error;
}

int route_lookup(const struct route_query *q, struct route *r)
{
    struct answer a = {.error = -ENETUNREACH};
    const struct btns_addr *remote = &q->remote;
    struct btns_addr to = route_destination(remote);
    union nl_request request;

    memset(r, 0, sizeof *r);
    if (remote->family != AF_INET && remote->family != AF_INET6)
        return -EAFNOSUPPORT;
    struct nlmsghdr *nlh = nl_request(&request, RTM_GETROUTE, 0);
    put_route_query(nlh, &to, q);
    int error = ask_route(nlh, &a);
    if (error || a.error)
        return error ? error : a.error;
    *r = a.route;
    r->multicast = r->multicast || is_multicast_route(remote);
    return r->local.family ? 0 : -EADDRNOTAVAIL;
}

bool route_is_this_host(const struct btns_addr *local, const struct btns_addr *remote,
                        const struct route *r)
{
    return btns_addr_is_loopback(remote) || btns_addr_ip_equal(local, remote) || (r && r->to_self);
}

bool route_finds_own_address(const struct btns_addr *a)
{
    struct route r;
    return !route_lookup(&(struct route_query){.remote = *a}, &r) &&
           route_is_this_host(&r.local, a, &r);
}
