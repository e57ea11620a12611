/* The members of struct sockdiag, and its filter (private to xfrm/). */
#ifndef BTNS_XFRM_SOCKDIAG_H
#define BTNS_XFRM_SOCKDIAG_H

#include "btnsd/xfrm/netlink.h"
#include "btnsd/xfrm/xfrm.h"

struct sockdiag {
    uint8_t protocol;
    struct nl requests;
    struct nl events;
};

#define SOCK_FILTER_MAX 128
/*
 * Writes the kernel's filter program for both ends (see sockdiag_connections()) to `program`.
 * Returns its length; 0: no filter is needed.
 */
size_t sock_filter(const struct btns_addr *local, const struct btns_addr *remote,
                   unsigned char program[SOCK_FILTER_MAX]);

#endif
