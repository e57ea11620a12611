/* Connecting with a cached verdict, without a question to btnsd. */
#ifndef BTNS_SHIM_WARM_H
#define BTNS_SHIM_WARM_H

#include "shim/verdicts.h"

/*
 * Returns true if a cached verdict for this destination holds for this socket and btnsd was told
 * about the connect().
 */
bool warm_connect(int fd, const struct btns_addr *remote);
/* Does a cached verdict allow a datagram from this socket (known.h) to this destination? */
bool warm_send(uint32_t socket, const struct btns_addr *remote);

#endif
