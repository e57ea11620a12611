/*
 * This host's inner address, on the loopback interface, and the route to all other inner addresses.
 */
#ifndef BTNS_XFRM_INNER_ROUTE_H
#define BTNS_XFRM_INNER_ROUTE_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"

#include <stdbool.h>

/*
 * Sets or removes both. The route makes the inner address the source of connections to other inner
 * addresses; their packets leave by the route to the outer address of their SA. 0 or -errno with
 * err.
 */
int inner_route_set(const struct btns_addr *inner, bool on, struct err *err);

#endif
