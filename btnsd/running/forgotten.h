/* Ends what is latched to a peer that is forgotten. */
#ifndef BTNS_RUNNING_FORGOTTEN_H
#define BTNS_RUNNING_FORGOTTEN_H

#include "btnsd/state/daemon.h"

struct forgotten {
    unsigned latches;     /* that were closed */
    unsigned connections; /* besides, that no latch was about, or that no program had any more */
    unsigned failed;      /* services that stay blocked, as connections could not be ended */
};

/*
 * Ends the guards of this key (NULL: none), and those to this address (NULL: none), with all that
 * is latched to them, for this reason. Call ops->settle() before. *f: is added to.
 */
void peer_end(struct btnsd *d, const struct btns_key *key, const struct btns_addr *addr,
              enum btns_reason code, const char *why, struct forgotten *f);

#endif
