/* Decodes an ACQUIRE: the kernel holds a packet, because its SPD entry's template has no SA. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"

#include <arpa/inet.h>
#include <string.h>

bool acquire_decode(const struct nlmsghdr *nlh, struct spd_entry *flow)
{
    struct xfrm_user_acquire a;
    struct xfrm_user_tmpl t;
    const struct nlattr *attr, *templates = NULL;

    memset(flow, 0, sizeof *flow);
    if (nlh->nlmsg_type != XFRM_MSG_ACQUIRE || mnl_nlmsg_get_payload_len(nlh) < sizeof a)
        return false;
    memcpy(&a, mnl_nlmsg_get_payload(nlh), sizeof a);
    nl_for_each_attr(attr, nlh, sizeof a)
    {
        if (mnl_attr_get_type(attr) == XFRMA_TMPL)
            templates = attr;
    }
    if (a.policy.dir != XFRM_POLICY_OUT || !nl_attr_copy(templates, &t, sizeof t) ||
        !xfrm_addr_decode(&flow->local, a.sel.family, &a.saddr, ntohs(a.sel.sport)) ||
        !xfrm_addr_decode(&flow->remote, a.sel.family, &a.id.daddr, ntohs(a.sel.dport)))
        return false;
    flow->dir = SPD_OUT;
    flow->action = SPD_ESP;
    flow->priority = a.policy.priority;
    flow->protocol = a.sel.proto;
    flow->local_bits = (uint8_t)btns_addr_bits(&flow->local);
    flow->remote_bits = (uint8_t)btns_addr_bits(&flow->remote);
    flow->reqid = t.reqid;
    return true;
}
