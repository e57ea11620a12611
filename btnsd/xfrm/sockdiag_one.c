/* Looks up one connection by its addresses and cookie, or aborts it, if the kernel can. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"
#include "btnsd/xfrm/sockdiag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

static void fill_sockdiag_one(struct inet_diag_req_v2 *r, int protocol,
                              const struct btns_addr *local, const struct btns_addr *remote,
                              int family, uint64_t cookie)
{
    struct sockaddr_storage ss[2];
    memset(r, 0, sizeof *r);
    r->sdiag_family = (uint8_t)family;
    r->sdiag_protocol = (uint8_t)protocol;
    r->idiag_states = ~0u;
    r->id.idiag_sport = htons(local->port);
    r->id.idiag_dport = htons(remote->port);
    r->id.idiag_cookie[0] = (uint32_t)cookie;
    r->id.idiag_cookie[1] = (uint32_t)(cookie >> 32);
    btns_addr_to_sa(local, family, &ss[0]);
    btns_addr_to_sa(remote, family, &ss[1]);
    if (family == AF_INET) {
        memcpy(r->id.idiag_src, &((struct sockaddr_in *)&ss[0])->sin_addr, 4);
        memcpy(r->id.idiag_dst, &((struct sockaddr_in *)&ss[1])->sin_addr, 4);
    } else {
        memcpy(r->id.idiag_src, &((struct sockaddr_in6 *)&ss[0])->sin6_addr, 16);
        memcpy(r->id.idiag_dst, &((struct sockaddr_in6 *)&ss[1])->sin6_addr, 16);
        r->id.idiag_if = local->scope;
    }
}

static int take_sockdiag_one(const struct nlmsghdr *nlh, void *arg)
{
    struct sock_entry *e = arg;
    struct sock_entry found;
    if (sockdiag_decode(nlh, &found))
        *e = found;
    return 0;
}

int sockdiag_find(struct sockdiag *d, const struct btns_addr *local, const struct btns_addr *remote,
                  uint64_t cookie, struct sock_entry *e)
{
    union nl_request r;
    struct inet_diag_req_v2 req;
    struct nlmsghdr *nlh = nl_request(&r, SOCK_DIAG_BY_FAMILY, 0);
    fill_sockdiag_one(&req, d->protocol, local, remote, remote->family, cookie);
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof req), &req, sizeof req);
    memset(e, 0, sizeof *e);
    int rc = nl_talk(&d->requests, nlh, take_sockdiag_one, e);
    e->protocol = d->protocol;
    return !rc && e->cookie != cookie ? -ENOENT : rc;
}

/* The kernel also finds an IPv4 connection of an IPv6 socket by its IPv4 addresses. */
int sockdiag_destroy(struct sockdiag *d, const struct btns_addr *local,
                     const struct btns_addr *remote, uint64_t cookie)
{
    union nl_request r;
    struct inet_diag_req_v2 req;
    struct nlmsghdr *nlh = nl_request(&r, SOCK_DESTROY, 0);
    fill_sockdiag_one(&req, d->protocol, local, remote, remote->family, cookie);
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof req), &req, sizeof req);
    return nl_talk(&d->requests, nlh, NULL, NULL);
}
