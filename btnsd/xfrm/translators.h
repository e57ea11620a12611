/*
 * Finds nftables rules (also those of iptables-nft) and BPF programs of control groups that send
 * this host's own packets to another destination than the program asked for. A guard is for the
 * address that the program asked for, so a translated flow bypasses it.
 */
#ifndef BTNS_XFRM_TRANSLATORS_H
#define BTNS_XFRM_TRANSLATORS_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

#define TRANSLATOR_TEXT 256

/* Called for each translator; text describes it for a person, such as "nftables: ip nat OUTPUT". */
typedef void translator_found(void *arg, const char *text);
/*
 * Searches this network namespace's nftables rules. 0, also if the kernel has no nftables; or
 * -errno.
 */
int translators_nftables(translator_found *found, void *arg);
#define TRANSLATORS_CGROUPS "/sys/fs/cgroup"
/*
 * Searches this control group hierarchy for programs that may rewrite the address of a connect() or
 * sendmsg(). 0, also if the kernel has none; or -errno.
 */
int translators_bpf(const char *cgroups, translator_found *found, void *arg);

/*
 * The decoders, for tests. Their work is bounded for any message.
 *
 * NFT_MSG_NEWCHAIN: is it a base chain for packets that this host sends? If so, table and chain are
 * its names.
 */
#define TRANSLATOR_NAME 128
struct nft_chain {
    unsigned char family;
    char table[TRANSLATOR_NAME], chain[TRANSLATOR_NAME];
    bool base, output;
};
bool nft_chain_decode(const struct nlmsghdr *nlh, struct nft_chain *c);
/*
 * NFT_MSG_NEWRULE: stores the rule's table and chain; true if the rule may change a packet's
 * destination.
 */
bool nft_rule_translates(const struct nlmsghdr *nlh, struct nft_chain *c);

#endif
