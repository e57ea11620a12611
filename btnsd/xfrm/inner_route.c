/* Sets this host's inner address, and the route to all other inner addresses, over rtnetlink. */
#include "btnsd/xfrm/inner_route.h"

#include "btnsd/xfrm/netlink.h"
#include "libapi/wire/inner_address.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

static int set_inner_address(struct nl *n, const struct btns_addr *inner, bool on)
{
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, on ? RTM_NEWADDR : RTM_DELADDR, on ? NLM_F_CREATE : 0);
    const struct ifaddrmsg m = {.ifa_family = AF_INET6,
                                .ifa_prefixlen = 128,
                                .ifa_flags = IFA_F_NODAD,
                                .ifa_index = if_nametoindex("lo")};
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof m), &m, sizeof m);
    mnl_attr_put(nlh, IFA_LOCAL, 16, inner->ip);
    int rc = nl_talk(n, nlh, NULL, NULL);
    return rc == -EEXIST || (!on && rc == -EADDRNOTAVAIL) ? 0 : rc;
}

static int set_inner_route(struct nl *n, const struct btns_addr *inner, bool on)
{
    static const uint8_t prefix[16] = INNER_PREFIX;
    union nl_request r;
    struct nlmsghdr *nlh =
        nl_request(&r, on ? RTM_NEWROUTE : RTM_DELROUTE, on ? NLM_F_CREATE | NLM_F_REPLACE : 0);
    const struct rtmsg m = {.rtm_family = AF_INET6,
                            .rtm_dst_len = INNER_PREFIX_BITS,
                            .rtm_table = RT_TABLE_MAIN,
                            .rtm_protocol = RTPROT_STATIC,
                            .rtm_scope = RT_SCOPE_UNIVERSE,
                            .rtm_type = RTN_UNICAST};
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof m), &m, sizeof m);
    mnl_attr_put(nlh, RTA_DST, sizeof prefix, prefix);
    mnl_attr_put_u32(nlh, RTA_OIF, if_nametoindex("lo"));
    if (on)
        mnl_attr_put(nlh, RTA_PREFSRC, 16, inner->ip);
    int rc = nl_talk(n, nlh, NULL, NULL);
    return !on && rc == -ESRCH ? 0 : rc;
}

int inner_route_set(const struct btns_addr *inner, bool on, struct err *err)
{
    struct nl n;
    int rc = nl_open(&n, NETLINK_ROUTE, 0);
    const char *what = "the socket for it";
    if (!rc && on) {
        what = "the address";
        rc = set_inner_address(&n, inner, true);
    }
    if (!rc) {
        what = "the route to " INNER_PREFIX_TEXT;
        rc = set_inner_route(&n, inner, on);
    }
    if (!rc && !on) {
        what = "the address";
        rc = set_inner_address(&n, inner, false);
    }
    if (rc)
        err_set(err, "%s: %s%s%s%s", what, strerror(-rc), n.why[0] ? " (" : "", n.why,
                n.why[0] ? ")" : "");
    nl_close(&n);
    return rc;
}
