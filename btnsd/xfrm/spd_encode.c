/* Encodes SPD entries for XFRM_MSG_UPDPOLICY and XFRM_MSG_DELPOLICY. */
#include "btnsd/xfrm/decode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static void spd_selector_addr_encode(xfrm_address_t *x, const struct btns_addr *a, unsigned bits)
{
    unsigned char masked[16] = {0};

    memcpy(masked, a->ip, (bits + 7) / 8);
    if (bits % 8)
        masked[bits / 8] &= (unsigned char)(0xff << (8 - bits % 8));
    memcpy(x, masked, sizeof masked);
}

static void spd_port_encode(__be16 *port, __be16 *mask, uint16_t value,
                            const struct spd_port_mask *several)
{
    *port = htons(value ? value : several->port);
    *mask = htons(value ? 0xffff : several->mask);
}

static bool is_valid_spd_entry(const struct spd_entry *e)
{
    unsigned family = e->local.family;

    return (family == AF_INET || family == AF_INET6) && e->remote.family == family &&
           e->local_bits <= btns_addr_bits(&e->local) &&
           e->remote_bits <= btns_addr_bits(&e->remote) &&
           (e->priority <= SPD_PRIO_MAX || e->priority == PRIO_LAST) &&
           (e->dir == SPD_IN || e->dir == SPD_OUT) &&
           (e->action == SPD_ALLOW || e->action == SPD_BLOCK || e->action == SPD_ESP) &&
           e->outer_local.family == e->outer_remote.family &&
           (!e->passing || e->action == SPD_ALLOW);
}

/*
 * The kernel holds one policy for each direction, selector, mark and if_id, whatever its priority:
 * an UPDPOLICY with an equal selector replaces even charon's, and DELPOLICY ignores the priority.
 * `user` is compared like the rest of the selector, but no packet is matched against it.
 */
static void spd_selector_encode(struct xfrm_selector *s, const struct spd_entry *e)
{
    bool out = e->dir == SPD_OUT;
    const struct btns_addr *src = out ? &e->local : &e->remote;
    const struct btns_addr *dst = out ? &e->remote : &e->local;

    s->family = e->local.family;
    s->prefixlen_s = out ? e->local_bits : e->remote_bits;
    s->prefixlen_d = out ? e->remote_bits : e->local_bits;
    spd_selector_addr_encode(&s->saddr, src, s->prefixlen_s);
    spd_selector_addr_encode(&s->daddr, dst, s->prefixlen_d);
    spd_port_encode(&s->sport, &s->sport_mask, src->port, out ? &e->local_ports : &e->remote_ports);
    spd_port_encode(&s->dport, &s->dport_mask, dst->port, out ? &e->remote_ports : &e->local_ports);
    s->proto = e->protocol;
    s->user = e->foreign ? 0 : SPD_USER + e->priority;
}

/*
 * In transport mode the kernel takes the addresses from the packet, so the template has none. In
 * BEET mode an incoming packet may come from any address: its SA says whose it is.
 */
static bool spd_template_put(struct nlmsghdr *nlh, size_t room, const struct spd_entry *e)
{
    struct xfrm_user_tmpl t = {
        .id = {.spi = htonl(e->spi), .proto = IPPROTO_ESP},
        .family = e->outer_remote.family ? e->outer_remote.family : e->local.family,
        .reqid = e->reqid,
        .mode = e->outer_remote.family ? XFRM_MODE_BEET : XFRM_MODE_TRANSPORT,
        .share = XFRM_SHARE_ANY,
        .optional = 0,
        .aalgos = ~0u,
        .ealgos = ~0u,
        .calgos = ~0u,
    };
    if (e->dir == SPD_OUT && e->outer_remote.family) {
        memcpy(&t.saddr, e->outer_local.ip, sizeof t.saddr);
        memcpy(&t.id.daddr, e->outer_remote.ip, sizeof t.id.daddr);
    }
    return mnl_attr_put_check(nlh, room, XFRMA_TMPL, sizeof t, &t);
}

static bool spd_mark_put(struct nlmsghdr *nlh, size_t room, const struct spd_entry *e)
{
    const struct xfrm_mark m = {.v = e->mark, .m = e->mark};
    return !e->mark || mnl_attr_put_check(nlh, room, XFRMA_MARK, sizeof m, &m);
}

static const struct xfrm_lifetime_cfg forever = {
    .soft_byte_limit = XFRM_INF,
    .hard_byte_limit = XFRM_INF,
    .soft_packet_limit = XFRM_INF,
    .hard_packet_limit = XFRM_INF,
};

static int put_spd_update(struct nlmsghdr *nlh, size_t room, const struct spd_entry *e)
{
    struct xfrm_userpolicy_info info = {
        .lft = forever,
        .priority = e->passing ? PRIO_PASSING : e->priority,
        .dir = (uint8_t)e->dir,
        .action = e->action == SPD_BLOCK ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW,
        .flags = e->icmp_errors ? XFRM_POLICY_ICMP : 0,
        .share = XFRM_SHARE_ANY,
    };
    info.lft.hard_add_expires_seconds = e->passing ? 1 : e->lifetime_s;
    spd_selector_encode(&info.sel, e);
    if (room < nlh->nlmsg_len + sizeof info)
        return -EINVAL;
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof info), &info, sizeof info);
    if (!spd_mark_put(nlh, room, e))
        return -EINVAL;
    /* The kernel ignores the template of a blocking entry; the next btnsd reads the reqid in it. */
    const bool has_template = e->action == SPD_ESP || (e->action == SPD_BLOCK && e->reqid);
    return !has_template || spd_template_put(nlh, room, e) ? 0 : -EINVAL;
}

static int put_spd_delete(struct nlmsghdr *nlh, size_t room, const struct spd_entry *e)
{
    struct xfrm_userpolicy_id id = {.dir = (uint8_t)e->dir};

    spd_selector_encode(&id.sel, e);
    if (room < nlh->nlmsg_len + sizeof id)
        return -EINVAL;
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof id), &id, sizeof id);
    return spd_mark_put(nlh, room, e) ? 0 : -EINVAL;
}

int spd_encode(struct nlmsghdr *nlh, size_t room, const struct spd_entry *e)
{
    if (!is_valid_spd_entry(e))
        return -EINVAL;
    return nlh->nlmsg_type == XFRM_MSG_DELPOLICY ? put_spd_delete(nlh, room, e)
                                                 : put_spd_update(nlh, room, e);
}
