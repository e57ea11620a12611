/* What a datagram socket hears while no floor keeps out what must not come in. */
#ifndef BTNS_SHIM_EARS_H
#define BTNS_SHIM_EARS_H

#include <stdbool.h>

/*
 * Drops what comes in, by a filter. It stays where btnsd refuses: a datagram socket cannot be
 * unbound.
 */
bool ears_close(int fd);
void ears_open(int fd);
/* Throws away what has come in. */
void ears_drain(int fd);

#endif
