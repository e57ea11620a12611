/* Decodes SPD entries from dumps and XFRMNLGRP_POLICY. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

bool xfrm_addr_decode(struct btns_addr *a, int family, const xfrm_address_t *x, uint16_t port)
{
    memset(a, 0, sizeof *a);
    if (family != AF_INET && family != AF_INET6)
        return false;
    a->family = (uint16_t)family;
    a->port = port;
    memcpy(a->ip, x, family == AF_INET ? 4 : 16);
    return true;
}

/*
 * The offset of xfrm_userpolicy_info in each message type, or the length of the header before the
 * attributes.
 */
static size_t spd_header_size(uint16_t type)
{
    switch (type) {
    case XFRM_MSG_NEWPOLICY:
    case XFRM_MSG_UPDPOLICY:
        return sizeof(struct xfrm_userpolicy_info);
    case XFRM_MSG_POLEXPIRE:
        return sizeof(struct xfrm_user_polexpire);
    case XFRM_MSG_DELPOLICY:
        return sizeof(struct xfrm_userpolicy_id);
    default:
        return 0;
    }
}

struct found {
    const struct nlattr *info, *templates;
};

static void find_spd_attributes(const struct nlmsghdr *nlh, size_t header, struct found *f)
{
    const struct nlattr *attr;

    memset(f, 0, sizeof *f);
    nl_for_each_attr(attr, nlh, header)
    {
        if (mnl_attr_get_type(attr) == XFRMA_POLICY)
            f->info = attr;
        if (mnl_attr_get_type(attr) == XFRMA_TMPL)
            f->templates = attr;
    }
}

/*
 * A port with a partial mask is reported as any port: a search for overlaps then errs on the safe
 * side.
 */
static uint16_t spd_port_decode(__be16 port, __be16 mask)
{
    return mask == 0xffff ? ntohs(port) : 0;
}

static struct spd_port_mask spd_ports_decode(__be16 port, __be16 mask)
{
    if (!mask || mask == 0xffff)
        return (struct spd_port_mask){0, 0};
    return (struct spd_port_mask){ntohs(port), ntohs(mask)};
}

static bool spd_selector_decode(const struct xfrm_selector *s, bool out, struct spd_entry *e)
{
    struct btns_addr src, dst;

    if (!xfrm_addr_decode(&src, s->family, &s->saddr, spd_port_decode(s->sport, s->sport_mask)) ||
        !xfrm_addr_decode(&dst, s->family, &s->daddr, spd_port_decode(s->dport, s->dport_mask)) ||
        s->prefixlen_s > btns_addr_bits(&src) || s->prefixlen_d > btns_addr_bits(&dst))
        return false;
    e->local = out ? src : dst;
    e->remote = out ? dst : src;
    e->local_bits = out ? s->prefixlen_s : s->prefixlen_d;
    e->remote_bits = out ? s->prefixlen_d : s->prefixlen_s;
    e->protocol = s->proto;
    struct spd_port_mask sports = spd_ports_decode(s->sport, s->sport_mask);
    struct spd_port_mask dports = spd_ports_decode(s->dport, s->dport_mask);
    e->local_ports = out ? sports : dports;
    e->remote_ports = out ? dports : sports;
    return true;
}

/* Reads the addresses of a template for BEET mode. False: it is for neither of our modes. */
static bool spd_mode_decode(const struct xfrm_user_tmpl *t, struct spd_entry *e)
{
    if (t->mode == XFRM_MODE_TRANSPORT)
        return true;
    return t->mode == XFRM_MODE_BEET &&
           xfrm_addr_decode(&e->outer_local, t->family, &t->saddr, 0) &&
           xfrm_addr_decode(&e->outer_remote, t->family, &t->id.daddr, 0);
}

static void spd_action_decode(uint8_t action, const struct nlattr *templates, struct spd_entry *e)
{
    struct xfrm_user_tmpl t;

    if (action == XFRM_POLICY_BLOCK) {
        e->action = SPD_BLOCK;
        if (nl_attr_copy(templates, &t, sizeof t))
            e->reqid = t.reqid;
    } else if (!templates || mnl_attr_get_payload_len(templates) == 0) {
        e->action = SPD_ALLOW;
    } else if (mnl_attr_get_payload_len(templates) == sizeof t &&
               nl_attr_copy(templates, &t, sizeof t) && t.id.proto == IPPROTO_ESP && !t.optional &&
               spd_mode_decode(&t, e)) {
        e->action = SPD_ESP;
        e->reqid = t.reqid;
        e->spi = ntohl(t.id.spi);
    } else {
        e->action = SPD_OTHER;
    }
}

bool spd_decode(const struct nlmsghdr *nlh, struct spd_entry *e)
{
    struct xfrm_userpolicy_info info;
    struct found f;
    size_t header = spd_header_size(nlh->nlmsg_type);

    memset(e, 0, sizeof *e);
    if (!header || mnl_nlmsg_get_payload_len(nlh) < header)
        return false;
    find_spd_attributes(nlh, header, &f);
    /* xfrm_user_polexpire begins with the policy's description. */
    if (nlh->nlmsg_type != XFRM_MSG_DELPOLICY)
        memcpy(&info, mnl_nlmsg_get_payload(nlh), sizeof info);
    else if (!nl_attr_copy(f.info, &info, sizeof info))
        return false;

    if (info.dir != XFRM_POLICY_IN && info.dir != XFRM_POLICY_OUT)
        return false;
    e->dir = info.dir == XFRM_POLICY_OUT ? SPD_OUT : SPD_IN;
    e->priority = info.priority;
    e->ours = info.sel.user == SPD_USER + info.priority;
    spd_action_decode(info.action, f.templates, e);
    return spd_selector_decode(&info.sel, e->dir == SPD_OUT, e);
}
