/* The members of struct xfrm (private to xfrm/). */
#ifndef BTNS_XFRM_OPEN_H
#define BTNS_XFRM_OPEN_H

#include "btnsd/xfrm/netlink.h"
#include "btnsd/xfrm/xfrm.h"

struct xfrm {
    struct nl requests; /* blocking: the kernel answers while sendto() runs */
    struct nl events;
    bool lost; /* events were lost, and those that wait are not read yet */
};

#endif
