/* Asks the kernel whether a host on the same link answers ARP or neighbour discovery. */
#ifndef BTNS_XFRM_NEIGHBOUR_H
#define BTNS_XFRM_NEIGHBOUR_H

#include "libapi/wire/addr.h"

enum neighbour {
    NEIGHBOUR_UNKNOWN, /* not on the link, not asked for yet, or the kernel does not say */
    NEIGHBOUR_ASKED,   /* ARP or neighbour discovery has no answer yet */
    NEIGHBOUR_FAILED,  /* nobody answered */
    NEIGHBOUR_KNOWN,
};

/* The port of the address is ignored. */
enum neighbour neighbour_state(const struct btns_addr *a);

#endif
