/* Decodes SAD entries from dumps, XFRMNLGRP_SA and XFRMNLGRP_EXPIRE. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/netlink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

static size_t sad_header_size(uint16_t type)
{
    switch (type) {
    case XFRM_MSG_NEWSA:
    case XFRM_MSG_UPDSA:
        return sizeof(struct xfrm_usersa_info);
    case XFRM_MSG_EXPIRE:
        return sizeof(struct xfrm_user_expire);
    case XFRM_MSG_DELSA:
        return sizeof(struct xfrm_usersa_id);
    default:
        return 0;
    }
}

/* Every algorithm attribute begins with a name of 64 octets and the key's length in bits. */
struct algorithm {
    char name[64];
    unsigned key_bits;
};

static void sad_algorithm_decode(const struct nlattr *attr, char name[64], unsigned *key_bits)
{
    struct algorithm a;

    if (!nl_attr_copy(attr, &a, sizeof a))
        return;
    size_t len = strnlen(a.name, sizeof a.name - 1);
    memset(name, 0, sizeof a.name);
    memcpy(name, a.name, len);
    if (key_bits)
        *key_bits = a.key_bits;
}

static void sad_attribute_decode(const struct nlattr *attr, struct sad_entry *e)
{
    struct xfrm_replay_state_esn esn;
    struct xfrm_algo_aead aead;
    struct xfrm_encap_tmpl encap;

    switch (mnl_attr_get_type(attr)) {
    case XFRMA_ALG_AEAD:
        if (nl_attr_copy(attr, &aead, sizeof aead))
            e->icv_bits = aead.alg_icv_len;
        sad_algorithm_decode(attr, e->alg, &e->key_bits);
        break;
    case XFRMA_ALG_CRYPT:
        sad_algorithm_decode(attr, e->alg, &e->key_bits);
        break;
    case XFRMA_ALG_AUTH:
    case XFRMA_ALG_AUTH_TRUNC:
        sad_algorithm_decode(attr, e->auth, NULL);
        break;
    case XFRMA_REPLAY_ESN_VAL:
        if (nl_attr_copy(attr, &esn, sizeof esn))
            e->replay_window = esn.replay_window;
        break;
    case XFRMA_ENCAP:
        if (!nl_attr_copy(attr, &encap, sizeof encap))
            break;
        e->encap = encap.encap_type == UDP_ENCAP_ESPINUDP;
        e->encap_sport = ntohs(encap.encap_sport);
        e->encap_dport = ntohs(encap.encap_dport);
        break;
    default:
        break;
    }
}

static bool is_sad_partial(__be16 port_mask)
{
    return port_mask && port_mask != 0xffff;
}

static bool sad_has_single_hosts(const struct xfrm_selector *s)
{
    unsigned bits = s->family == AF_INET ? 32 : 128;
    return s->family && s->prefixlen_s == bits && s->prefixlen_d == bits;
}

/*
 * The selector of an SA in BEET mode fixes the ends of its packets. If the peer's charon does not
 * speak BEET, ours makes an SA in tunnel mode between the same ends.
 */
static void sad_inner_ends_decode(const struct xfrm_usersa_info *info, struct sad_entry *e)
{
    struct btns_addr src, dst;
    if (info->mode == XFRM_MODE_TRANSPORT || !e->sel_single_hosts ||
        !xfrm_addr_decode(&src, info->sel.family, &info->sel.saddr, 0) ||
        !xfrm_addr_decode(&dst, info->sel.family, &info->sel.daddr, 0) ||
        !btns_addr_is_inner(&src) || !btns_addr_is_inner(&dst))
        return;
    e->outer_src = e->src;
    e->outer_dst = e->dst;
    e->src = src;
    e->dst = dst;
}

static bool sad_info_decode(const struct xfrm_usersa_info *info, struct sad_entry *e)
{
    if (!xfrm_addr_decode(&e->src, info->family, &info->saddr, 0) ||
        !xfrm_addr_decode(&e->dst, info->family, &info->id.daddr, 0))
        return false;
    e->spi = ntohl(info->id.spi);
    e->reqid = info->reqid;
    e->protocol = info->id.proto;
    e->mode = info->mode;
    e->sel_protocol = info->sel.proto;
    e->sel_sport = info->sel.sport_mask ? ntohs(info->sel.sport) : 0;
    e->sel_dport = info->sel.dport_mask ? ntohs(info->sel.dport) : 0;
    e->sel_several_ports =
        is_sad_partial(info->sel.sport_mask) || is_sad_partial(info->sel.dport_mask);
    e->sel_single_hosts = sad_has_single_hosts(&info->sel);
    sad_inner_ends_decode(info, e);
    e->replay_window = info->replay_window;
    e->packets = info->curlft.packets;
    e->octets = info->curlft.bytes;
    return true;
}

bool sad_decode(const struct nlmsghdr *nlh, struct sad_entry *e)
{
    struct xfrm_usersa_info info;
    const struct nlattr *attr;
    size_t header = sad_header_size(nlh->nlmsg_type);
    bool have = nlh->nlmsg_type != XFRM_MSG_DELSA;

    memset(e, 0, sizeof *e);
    if (!header || mnl_nlmsg_get_payload_len(nlh) < header)
        return false;
    /* xfrm_user_expire begins with the SA's description; DELSA has it in an attribute. */
    if (have)
        memcpy(&info, mnl_nlmsg_get_payload(nlh), sizeof info);
    nl_for_each_attr(attr, nlh, header)
    {
        if (!have && mnl_attr_get_type(attr) == XFRMA_SA)
            have = nl_attr_copy(attr, &info, sizeof info);
    }
    if (!have || !sad_info_decode(&info, e))
        return false;
    nl_for_each_attr(attr, nlh, header)
    {
        sad_attribute_decode(attr, e);
    }
    return true;
}

bool sad_mapping_decode(const struct nlmsghdr *nlh, struct xfrm_event *ev)
{
    struct xfrm_user_mapping m;
    struct sad_entry *e = &ev->sa;

    if (nlh->nlmsg_type != XFRM_MSG_MAPPING || mnl_nlmsg_get_payload_len(nlh) < sizeof m)
        return false;
    memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof m);
    if (!xfrm_addr_decode(&e->dst, m.id.family, &m.id.daddr, 0) ||
        !xfrm_addr_decode(&e->src, m.id.family, &m.old_saddr, 0) ||
        !xfrm_addr_decode(&ev->was, m.id.family, &m.old_saddr, ntohs(m.old_sport)) ||
        !xfrm_addr_decode(&ev->now, m.id.family, &m.new_saddr, ntohs(m.new_sport)))
        return false;
    e->spi = ntohl(m.id.spi);
    e->reqid = m.reqid;
    e->protocol = m.id.proto;
    ev->type = XFRM_EV_MAPPING;
    return true;
}

/*
 * The SPI alone does not tell an SA from a larval state: if the template names an SPI, its larval
 * state has that SPI too.
 */
bool sad_is_real(const struct sad_entry *e)
{
    return e->spi && (e->alg[0] || e->auth[0]);
}
