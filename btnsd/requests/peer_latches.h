/* Checks whether a latch forbids a requested change of known_peers. */
#ifndef BTNS_REQUESTS_PEER_LATCHES_H
#define BTNS_REQUESTS_PEER_LATCHES_H

#include "btnsd/state/daemon.h"

/*
 * A latched peer's name or address cannot change while its latches live (L12). 0: the key may have
 * this address (NULL: none) and this name (NULL: none); -EBUSY with err.
 */
int peer_check_latches(const struct btnsd *d, const struct btns_addr *addr,
                       const struct btns_key *key, const char *name, struct err *err);

#endif
