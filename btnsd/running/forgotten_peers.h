/* Ends the latches to a peer that is forgotten, or whose key is revoked. */
#ifndef BTNS_RUNNING_FORGOTTEN_PEERS_H
#define BTNS_RUNNING_FORGOTTEN_PEERS_H

#include "btnsd/state/daemon.h"

struct forgotten {
    unsigned latches;     /* that were closed */
    unsigned connections; /* that were ended besides: without a latch, or without a program */
    unsigned failed;      /* services that stay blocked, because connections could not be ended */
};

/*
 * Ends the guards with this key (NULL: none) and those to this address (NULL: none), with all their
 * latches, for this reason. Call ops->settle() before. Adds to the counts in *f.
 */
void forgotten_peer_end(struct btnsd *d, const struct btns_key *key, const struct btns_addr *addr,
                        enum btns_reason code, const char *why, struct forgotten *f);

#endif
