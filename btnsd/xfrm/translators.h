/*
 * What sends this host's own packets elsewhere than the program asked: rules of nftables (also
 * those of iptables-nft) and BPF programs of control groups. A guard is for the address that the
 * program asked for, so a flow that is translated passes it by.
 */
#ifndef BTNS_XFRM_TRANSLATORS_H
#define BTNS_XFRM_TRANSLATORS_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

#define TRANSLATOR_TEXT 256

/* Called for each; text names it for a person, such as "nftables: ip nat OUTPUT". */
typedef void translator_found(void *arg, const char *text);
/* This network namespace's nftables rules. 0, also where the kernel has no nftables; or -errno. */
int translators_nftables(translator_found *found, void *arg);
#define TRANSLATORS_CGROUPS "/sys/fs/cgroup"
/* Programs that may rewrite the address of a connect() or sendmsg(), in this control group
 * hierarchy. 0, also where the kernel has none; or -errno. */
int translators_bpf(const char *cgroups, translator_found *found, void *arg);

/* The decoder, for tests: its work is bounded for any message. */
/* NFT_MSG_NEWCHAIN: a base chain on what this host sends? Then table and chain are its names. */
#define TRANSLATOR_NAME 128
struct nft_chain {
    unsigned char family;
    char table[TRANSLATOR_NAME], chain[TRANSLATOR_NAME];
    bool base, output;
};
bool nft_chain_decode(const struct nlmsghdr *nlh, struct nft_chain *c);
/* NFT_MSG_NEWRULE: its place; true if it may give a packet another destination. */
bool nft_rule_translates(const struct nlmsghdr *nlh, struct nft_chain *c);

#endif
