/* What the kernel knows of a host on the same link: does anybody answer for its address? */
#ifndef BTNS_XFRM_NEIGHBOUR_H
#define BTNS_XFRM_NEIGHBOUR_H

#include "libapi/wire/addr.h"

enum neighbour {
    NEIGHBOUR_UNKNOWN, /* not on the link, not asked for yet, or the kernel does not say */
    NEIGHBOUR_ASKED,   /* ARP or neighbour discovery has no answer yet */
    NEIGHBOUR_FAILED,  /* there was none */
    NEIGHBOUR_KNOWN,
};

/* The port does not count. */
enum neighbour neighbour_state(const struct btns_addr *a);

#endif
