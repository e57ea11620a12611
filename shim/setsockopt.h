/* Notices socket options that change how connections are routed. */
#ifndef BTNS_SHIM_SETSOCKOPT_H
#define BTNS_SHIM_SETSOCKOPT_H

#include <stdbool.h>

/*
 * Has the process set such an option on any socket? Then a connection may get another local
 * address, and so need another guard, than the last connection to the same destination.
 */
bool setsockopt_has_special_route(void);

#endif
