/*
 * BEET mode (bound end-to-end tunnel): a connection between inner addresses, each derived from a
 * host's key, in ESP packets between outer addresses, which may be shared and may change.
 */
#ifndef BTNS_LATCH_KEYING_BEET_H
#define BTNS_LATCH_KEYING_BEET_H

#include "btnsd/latch/guard/guard.h"

/* Why no connection to this inner address can be made, for a person; NULL: it can, or is none. */
const char *beet_obstacle(const struct guards *gs, const struct btns_addr *local,
                          const struct btns_addr *remote);
/*
 * Sets where g's peer is, from known_peers, and from which of our addresses it is reached, unless
 * SAs say so. 0 or -errno with err.
 */
int beet_aim(struct guard *g, struct err *err);
/* g's peer has proved its key at its outer address. */
void beet_record(struct guard *g);

#endif
