/* Reports when nftables rules are added, including those of iptables-nft. */
#ifndef BTNS_XFRM_NFT_CHANGES_H
#define BTNS_XFRM_NFT_CHANGES_H

#include <stdbool.h>

struct nft_changes;

/* Opens the reports about this network namespace. NULL: the kernel sends none. */
struct nft_changes *nft_changes_open(void);
void nft_changes_close(struct nft_changes *c);
/* A descriptor that is readable when there are reports. */
int nft_changes_fd(const struct nft_changes *c);
/* Reads the waiting reports, without waiting for more. Was a rule added, or were reports lost? */
bool nft_changes_read(struct nft_changes *c);

#endif
