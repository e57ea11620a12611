/* The address that a datagram socket had when btnsd was asked about it. */
#ifndef BTNS_SHIM_KEPT_SOURCE_H
#define BTNS_SHIM_KEPT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/* Called before the question, whose verdict will be kept for the socket with this name. */
void source_keep(int fd, uint32_t name);
/* Is it the same still? */
bool source_is_kept(int fd, uint32_t name);

#endif
