/* Asks the kernel whether a host on the same link answers ARP or neighbour discovery. */
#include "btnsd/xfrm/neighbour.h"

#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

static int take_neighbour(const struct nlmsghdr *nlh, void *arg)
{
    enum neighbour *state = arg;
    struct ndmsg m;
    if (nlh->nlmsg_type != RTM_NEWNEIGH || mnl_nlmsg_get_payload_len(nlh) < sizeof m)
        return 0;
    memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof m);
    *state = m.ndm_state & NUD_FAILED       ? NEIGHBOUR_FAILED
             : m.ndm_state & NUD_INCOMPLETE ? NEIGHBOUR_ASKED
                                            : NEIGHBOUR_KNOWN;
    return 0;
}

enum neighbour neighbour_state(const struct btns_addr *a)
{
    enum neighbour state = NEIGHBOUR_UNKNOWN;
    struct route route;
    union nl_request r;
    struct nl n;
    if (route_lookup(&(struct route_query){.remote = *a}, &route) || !route.ifindex ||
        nl_open(&n, NETLINK_ROUTE, 0))
        return NEIGHBOUR_UNKNOWN;
    struct nlmsghdr *nlh = nl_request(&r, RTM_GETNEIGH, 0);
    const struct ndmsg m = {.ndm_family = (uint8_t)a->family, .ndm_ifindex = route.ifindex};
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof m), &m, sizeof m);
    mnl_attr_put(nlh, NDA_DST, btns_addr_bits(a) / 8, a->ip);
    int rc = nl_ask(&n, nlh, take_neighbour, &state);
    nl_close(&n);
    return rc ? NEIGHBOUR_UNKNOWN : state;
}
