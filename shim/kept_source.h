/* Remembers the source address that a datagram socket had when btnsd was asked about it. */
#ifndef BTNS_SHIM_KEPT_SOURCE_H
#define BTNS_SHIM_KEPT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/* Call before the question whose verdict will be cached for the socket with this name. */
void source_keep(int fd, uint32_t name);
/* Is the socket's source address still the remembered one? */
bool source_is_kept(int fd, uint32_t name);

#endif
