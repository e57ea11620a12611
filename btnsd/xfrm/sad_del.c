/* Deletes an SA from the SAD. */
#include "btnsd/xfrm/open.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

int sad_del(struct xfrm *x, const struct sad_entry *e)
{
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_DELSA, 0);
    struct xfrm_usersa_id *id = mnl_nlmsg_put_extra_header(nlh, sizeof *id);
    const struct btns_addr *dst = e->outer_dst.family ? &e->outer_dst : &e->dst;
    memcpy(&id->daddr, dst->ip, sizeof id->daddr);
    id->spi = htonl(e->spi);
    id->family = dst->family;
    id->proto = e->protocol;
    return nl_talk(&x->requests, nlh, NULL, NULL);
}
