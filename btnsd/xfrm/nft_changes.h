/* The kernel's reports of new nftables rules, also those of iptables-nft. */
#ifndef BTNS_XFRM_NFT_CHANGES_H
#define BTNS_XFRM_NFT_CHANGES_H

#include <stdbool.h>

/* A descriptor that is readable when there are reports about this network namespace, or -errno. */
int nft_changes_open(void);
/* Takes the reports. Has a rule been added, or were reports lost? Does not wait. */
bool nft_changes_read(int fd);

#endif
