/* Reports when nftables rules are added. */
#include "btnsd/xfrm/nft_changes.h"

#include "btnsd/xfrm/netlink.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { NEW_RULE = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE };

struct nft_changes {
    struct nl events;
};

struct nft_changes *nft_changes_open(void)
{
    const int group = NFNLGRP_NFTABLES;
    struct nft_changes *c = calloc(1, sizeof *c);
    if (!c || nl_open(&c->events, NETLINK_NETFILTER, SOCK_NONBLOCK)) {
        free(c);
        return NULL;
    }
    if (!nl_join(&c->events, &group, 1))
        return c;
    nft_changes_close(c);
    return NULL;
}

void nft_changes_close(struct nft_changes *c)
{
    if (!c)
        return;
    nl_close(&c->events);
    free(c);
}

int nft_changes_fd(const struct nft_changes *c)
{
    return mnl_socket_get_fd(c->events.sock);
}

static bool tells_of_nft_rule(const union nl_reply *buf, int len)
{
    const struct nlmsghdr *nlh;
    nl_for_each_message(nlh, buf, len)
    {
        if (nlh->nlmsg_type == NEW_RULE)
            return true;
    }
    return false;
}

/* A datagram that is too long for the buffer counts as one that was lost. */
bool nft_changes_read(struct nft_changes *c)
{
    union nl_reply buf;
    bool changed = false;
    for (;;) {
        int len = nl_read(&c->events, &buf);
        if (len == -ENOBUFS || len == -ENOSPC)
            changed = true;
        else if (len <= 0)
            return changed;
        else
            changed |= tells_of_nft_rule(&buf, len);
    }
}
