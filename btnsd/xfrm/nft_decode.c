/*
 * Decodes nftables' chains and rules, just far enough to know whether they change a packet's
 * destination.
 */
#include "btnsd/xfrm/translators.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdint.h>
#include <string.h>

/* The attributes of one level, by type. Incomplete ones are left out. */
struct attributes {
    const struct nlattr *of[32];
};

/* The attribute at `at`, if it lies within the data completely; else NULL. */
static const struct nlattr *nft_attribute_at(const char *data, size_t len, size_t at)
{
    const struct nlattr *attr = (const struct nlattr *)(data + at);
    return at < len && mnl_attr_ok(attr, (int)(len - at)) ? attr : NULL;
}

static size_t nft_attribute_after(size_t at, const struct nlattr *attr)
{
    return at + ((mnl_attr_get_len(attr) + 3u) & ~3u);
}

static void nft_attributes_find(const char *data, size_t len, struct attributes *a)
{
    const struct nlattr *attr;
    *a = (struct attributes){{NULL}};
    for (size_t at = 0; (attr = nft_attribute_at(data, len, at));
         at = nft_attribute_after(at, attr)) {
        unsigned type = mnl_attr_get_type(attr);
        if (type < sizeof a->of / sizeof *a->of)
            a->of[type] = attr;
    }
}

static void nft_attributes_in(const struct nlattr *nest, struct attributes *a)
{
    *a = (struct attributes){{NULL}};
    if (nest)
        nft_attributes_find(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), a);
}

static uint32_t nft_number(const struct nlattr *attr, uint32_t otherwise)
{
    uint32_t value;
    if (!attr || mnl_attr_get_payload_len(attr) < sizeof value)
        return otherwise;
    memcpy(&value, mnl_attr_get_payload(attr), sizeof value);
    return ntohl(value);
}

static void nft_text(const struct nlattr *attr, char *text, size_t size)
{
    size_t len = attr ? strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)) : 0;
    len = len < size - 1 ? len : size - 1;
    if (len)
        memcpy(text, mnl_attr_get_payload(attr), len);
    text[len] = 0;
}

static bool read_nft_message(const struct nlmsghdr *nlh, int type, struct attributes *a,
                             struct nft_chain *c)
{
    struct nfgenmsg head;
    size_t have = mnl_nlmsg_get_payload_len(nlh), size = sizeof head; /* a multiple of 4 */
    memset(c, 0, sizeof *c);
    if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | type) || have < size)
        return false;
    memcpy(&head, mnl_nlmsg_get_payload(nlh), sizeof head);
    c->family = head.nfgen_family;
    nft_attributes_find((const char *)mnl_nlmsg_get_payload(nlh) + size, have - size, a);
    return c->family == NFPROTO_IPV4 || c->family == NFPROTO_IPV6 || c->family == NFPROTO_INET;
}

bool nft_chain_decode(const struct nlmsghdr *nlh, struct nft_chain *c)
{
    struct attributes a, hook;
    if (!read_nft_message(nlh, NFT_MSG_NEWCHAIN, &a, c))
        return false;
    nft_text(a.of[NFTA_CHAIN_TABLE], c->table, sizeof c->table);
    nft_text(a.of[NFTA_CHAIN_NAME], c->chain, sizeof c->chain);
    nft_attributes_in(a.of[NFTA_CHAIN_HOOK], &hook);
    c->base = a.of[NFTA_CHAIN_HOOK] != NULL;
    c->output = c->base && nft_number(hook.of[NFTA_HOOK_HOOKNUM], 0) == NF_INET_LOCAL_OUT;
    return true;
}

static bool nft_expression_translates(const struct nlattr *expression)
{
    struct attributes a, data;
    char name[32], target[32];
    nft_attributes_in(expression, &a);
    nft_attributes_in(a.of[NFTA_EXPR_DATA], &data);
    nft_text(a.of[NFTA_EXPR_NAME], name, sizeof name);
    if (!strcmp(name, "nat"))
        return nft_number(data.of[NFTA_NAT_TYPE], NFT_NAT_DNAT) == NFT_NAT_DNAT;
    if (!strcmp(name, "payload")) /* the rule writes into the packet's addresses or ports */
        return data.of[NFTA_PAYLOAD_SREG] &&
               nft_number(data.of[NFTA_PAYLOAD_BASE], 0) != NFT_PAYLOAD_LL_HEADER;
    if (!strcmp(name, "target")) {
        nft_text(data.of[NFTA_TARGET_NAME], target, sizeof target);
        return !strcmp(target, "DNAT") || !strcmp(target, "REDIRECT") || !strcmp(target, "NETMAP");
    }
    return !strcmp(name, "redir");
}

bool nft_rule_translates(const struct nlmsghdr *nlh, struct nft_chain *c)
{
    struct attributes a;
    const struct nlattr *attr;
    bool translates = false;
    if (!read_nft_message(nlh, NFT_MSG_NEWRULE, &a, c))
        return false;
    nft_text(a.of[NFTA_RULE_TABLE], c->table, sizeof c->table);
    nft_text(a.of[NFTA_RULE_CHAIN], c->chain, sizeof c->chain);
    const struct nlattr *all = a.of[NFTA_RULE_EXPRESSIONS];
    if (!all)
        return false;
    const char *list = mnl_attr_get_payload(all);
    size_t len = mnl_attr_get_payload_len(all);
    for (size_t at = 0; (attr = nft_attribute_at(list, len, at));
         at = nft_attribute_after(at, attr))
        translates |= nft_expression_translates(attr);
    return translates;
}
