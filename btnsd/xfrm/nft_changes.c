#include "btnsd/xfrm/nft_changes.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 32768, NEW_RULE = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE };

int nft_changes_open(void)
{
    int group = NFNLGRP_NFTABLES;
    const struct sockaddr_nl own = {.nl_family = AF_NETLINK}; /* without a port nothing comes */
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
    if (fd < 0)
        return -errno;
    if (!bind(fd, (const struct sockaddr *)&own, sizeof own) &&
        !setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group))
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static bool has_rule(const struct nlmsghdr *h, size_t len)
{
    for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len))
        if (h->nlmsg_type == NEW_RULE)
            return true;
    return false;
}

bool nft_changes_read(int fd)
{
    _Alignas(struct nlmsghdr) char octets[SIZE];
    bool changed = false;
    for (;;) {
        ssize_t n = recv(fd, octets, sizeof octets, MSG_DONTWAIT);
        if (n < 0 && errno == ENOBUFS)
            changed = true;
        else if (n <= 0)
            return changed;
        else
            changed |= has_rule((const struct nlmsghdr *)octets, (size_t)n);
    }
}
