/* Has the process set a socket option that changes how its connections are routed? */
#ifndef BTNS_SHIM_ROUTE_H
#define BTNS_SHIM_ROUTE_H

#include <stdbool.h>

/*
 * True after the first socket option by which a connection may get another local address, and so
 * another guard, than the last connection to the same destination.
 */
bool route_is_special(void);

#endif
