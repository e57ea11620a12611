/*
 * Decodes nftables' messages about rules that translate: whole, truncated and changed messages.
 * TAP.
 */
#include "btnsd/xfrm/translators.h"
#include "test/unit/check.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

static char buf[4096];

static struct nlmsghdr *begin(int type, uint8_t family)
{
    memset(buf, 0, sizeof buf);
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
    nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
    struct nfgenmsg *head = mnl_nlmsg_put_extra_header(nlh, sizeof *head);
    head->nfgen_family = family;
    return nlh;
}

static struct nlmsghdr *chain(uint32_t hook)
{
    struct nlmsghdr *nlh = begin(NFT_MSG_NEWCHAIN, NFPROTO_INET);
    mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, "t");
    mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, "c");
    struct nlattr *nest = mnl_attr_nest_start(nlh, NFTA_CHAIN_HOOK);
    mnl_attr_put_u32(nlh, NFTA_HOOK_HOOKNUM, htonl(hook));
    mnl_attr_nest_end(nlh, nest);
    return nlh;
}

struct expression {
    const char *name;
    uint16_t type; /* the type of its first number; 0: it has none */
    uint32_t value;
    uint16_t second;
    const char *target;
    bool translates;
};

static struct nlmsghdr *rule(const struct expression *e)
{
    struct nlmsghdr *nlh = begin(NFT_MSG_NEWRULE, NFPROTO_IPV4);
    mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, "t");
    mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, "c");
    struct nlattr *all = mnl_attr_nest_start(nlh, NFTA_RULE_EXPRESSIONS);
    struct nlattr *one = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
    mnl_attr_put_strz(nlh, NFTA_EXPR_NAME, e->name);
    struct nlattr *data = mnl_attr_nest_start(nlh, NFTA_EXPR_DATA);
    if (e->type)
        mnl_attr_put_u32(nlh, e->type, htonl(e->value));
    if (e->second)
        mnl_attr_put_u32(nlh, e->second, htonl(1));
    if (e->target)
        mnl_attr_put_strz(nlh, NFTA_TARGET_NAME, e->target);
    mnl_attr_nest_end(nlh, data);
    mnl_attr_nest_end(nlh, one);
    mnl_attr_nest_end(nlh, all);
    return nlh;
}

/* Uses memory of exactly this size, so that a sanitizer sees a read beyond it. */
static void maul(const struct nlmsghdr *whole)
{
    size_t len = whole->nlmsg_len;
    struct nft_chain c;
    for (size_t n = sizeof *whole; n <= len; n++)
        for (size_t at = sizeof *whole; at <= n; at++) {
            struct nlmsghdr *m = malloc(len);
            if (!m)
                abort();
            memcpy(m, whole, n);
            m->nlmsg_len = (uint32_t)n;
            if (at < n)
                ((char *)m)[at] = (char)~((char *)m)[at];
            nft_chain_decode(m, &c);
            nft_rule_translates(m, &c);
            free(m);
        }
}

int main(void)
{
    static const struct expression t[] = {
        {"nat", NFTA_NAT_TYPE, NFT_NAT_DNAT, 0, NULL, true},
        {"nat", NFTA_NAT_TYPE, NFT_NAT_SNAT, 0, NULL, false},
        {"redir", 0, 0, 0, NULL, true},
        {"masq", 0, 0, 0, NULL, false},
        {"target", 0, 0, 0, "DNAT", true},
        {"target", 0, 0, 0, "REJECT", false},
        {"payload", NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER, NFTA_PAYLOAD_SREG, NULL, true},
        {"payload", NFTA_PAYLOAD_BASE, NFT_PAYLOAD_LL_HEADER, NFTA_PAYLOAD_SREG, NULL, false},
        {"payload", NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER, NFTA_PAYLOAD_DREG, NULL, false},
    };
    struct nft_chain c;
    check(nft_chain_decode(chain(NF_INET_LOCAL_OUT), &c) && c.base && c.output &&
              !strcmp(c.table, "t") && !strcmp(c.chain, "c"),
          "a chain for what the host sends");
    check(nft_chain_decode(chain(NF_INET_PRE_ROUTING), &c) && c.base && !c.output,
          "a chain for what comes in");
    maul(chain(NF_INET_LOCAL_OUT));
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        check(nft_rule_translates(rule(&t[i]), &c) == t[i].translates, "%s %u %s: %s", t[i].name,
              t[i].value, t[i].target ? t[i].target : "",
              t[i].translates ? "translates" : "does not");
        maul(rule(&t[i]));
    }
    return check_end();
}
