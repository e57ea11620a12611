/* Reports that this host's addresses or routes have changed. */
#include "btnsd/xfrm/addresses.h"

#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_CALL 1024

static const int groups[] = {RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
                             RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE};

struct addresses {
    struct nl events;
};

struct addresses *addresses_open(struct err *err)
{
    struct addresses *a = calloc(1, sizeof *a);
    if (!a) {
        err_set(err, "out of memory");
        return NULL;
    }
    int error = nl_open(&a->events, NETLINK_ROUTE, SOCK_NONBLOCK);
    if (!error)
        error = nl_join(&a->events, groups, sizeof groups / sizeof *groups);
    if (error) {
        err_set(err, "cannot open NETLINK_ROUTE: %s", strerror(-error));
        addresses_close(a);
        return NULL;
    }
    return a;
}

void addresses_close(struct addresses *a)
{
    if (!a)
        return;
    nl_close(&a->events);
    free(a);
}

int addresses_event_fd(const struct addresses *a)
{
    return mnl_socket_get_fd(a->events.sock);
}

/* The routes that the kernel makes for an interface's address are reported, too. */
static unsigned route_message_change(const struct nlmsghdr *nlh)
{
    struct btns_addr net;
    unsigned bits;
    return ROUTES_CHANGED | (route_decode_local(nlh, &net, &bits) ? ADDRESSES_CHANGED : 0);
}

static unsigned address_message_change(const struct nlmsghdr *nlh)
{
    switch (nlh->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return ADDRESSES_CHANGED | ROUTES_CHANGED;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return route_message_change(nlh);
    case RTM_NEWRULE:
    case RTM_DELRULE:
        return ROUTES_CHANGED;
    default:
        return 0;
    }
}

unsigned addresses_events(struct addresses *a)
{
    union nl_reply buf;
    unsigned changes = 0;

    for (int i = 0; i < EVENTS_A_CALL; i++) {
        int len = nl_read(&a->events, &buf);
        if (len < 0) /* some messages are lost: either kind may be among them */
            changes |= ADDRESSES_CHANGED | ROUTES_CHANGED;
        if (len == 0 || (len < 0 && len != -ENOBUFS && len != -ENOSPC))
            break;
        const struct nlmsghdr *nlh;
        nl_for_each_message(nlh, &buf, len)
        {
            changes |= address_message_change(nlh);
        }
    }
    return changes;
}
