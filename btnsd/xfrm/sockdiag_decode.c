/* Decodes the kernel's message about one socket. */
#include "btnsd/xfrm/decode.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

static bool sockdiag_end_decode(struct btns_addr *a, int family, const __be32 ip[4], __be16 port,
                                uint32_t scope)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = port};

    if (family == AF_INET) {
        memcpy(&in.sin_addr, ip, sizeof in.sin_addr);
        return btns_addr_from_sa(a, (struct sockaddr *)&in, sizeof in);
    }
    if (family != AF_INET6)
        return false;
    memcpy(&in6.sin6_addr, ip, sizeof in6.sin6_addr);
    if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
        in6.sin6_scope_id = scope;
    return btns_addr_from_sa(a, (struct sockaddr *)&in6, sizeof in6);
}

bool sockdiag_decode(const struct nlmsghdr *nlh, struct sock_entry *e)
{
    struct inet_diag_msg m;

    memset(e, 0, sizeof *e);
    if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY || mnl_nlmsg_get_payload_len(nlh) < sizeof m)
        return false;
    memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof m);
    if (!sockdiag_end_decode(&e->local, m.idiag_family, m.id.idiag_src, m.id.idiag_sport,
                             m.id.idiag_if) ||
        !sockdiag_end_decode(&e->remote, m.idiag_family, m.id.idiag_dst, m.id.idiag_dport,
                             m.id.idiag_if))
        return false;
    e->cookie = (uint64_t)m.id.idiag_cookie[1] << 32 | m.id.idiag_cookie[0];
    e->state = m.idiag_state;
    e->uid = m.idiag_uid;
    e->inode = m.idiag_inode;
    e->expires_ms = m.idiag_timer ? m.idiag_expires : 0;
    e->repeats = e->state != TCP_TIME_WAIT ? m.idiag_retrans : 0;
    return true;
}
