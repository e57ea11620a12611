/* Sockets that are routed in a way of their own. */
#ifndef SHIM_ROUTE_H
#define SHIM_ROUTE_H

#include <stdbool.h>

/*
 * Has this process ever set a socket option by which a connection may get another local address,
 * and so another guard, than the last one to the same destination?
 */
bool route_is_special(void);

#endif
