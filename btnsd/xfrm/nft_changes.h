/* The kernel's reports of new nftables rules, also those of iptables-nft. */
#ifndef BTNS_XFRM_NFT_CHANGES_H
#define BTNS_XFRM_NFT_CHANGES_H

#include <stdbool.h>

struct nft_changes;

/* Reports about this network namespace; NULL: the kernel has none. */
struct nft_changes *nft_changes_open(void);
void nft_changes_close(struct nft_changes *c);
/* A descriptor that is readable when there are reports. */
int nft_changes_fd(const struct nft_changes *c);
/* Takes the reports. Has a rule been added, or were reports lost? Does not wait. */
bool nft_changes_read(struct nft_changes *c);

#endif
