/* The table of guards: a guard is found, made and freed; what others may ask about one. */
#ifndef BTNS_LATCH_GUARD_TABLE_H
#define BTNS_LATCH_GUARD_TABLE_H

#include "btnsd/latch/guard/guard.h"

struct guard *guard_find(struct guards *gs, const struct btns_addr *local,
                         const struct btns_addr *remote, struct service service, bool mirror);
/* The guard of the connection with this protocol and these addresses (with ports), whichever end is
 * the service. */
struct guard *guard_of(struct guards *gs, uint8_t protocol, const struct btns_addr *local,
                       const struct btns_addr *remote);
struct guard *guard_new(struct guards *gs, const struct btns_addr *local,
                        const struct btns_addr *remote, struct service service, bool mirror);
void guard_free(struct guard *g);
/* Another guard between these addresses whose latches belong to another key, or NULL (L15, L17). */
const struct guard *guard_conflict(const struct guards *gs, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key);
/* The same for a guard whose peer is known by another name than a key. */
const struct guard *guard_rival(const struct guard *g, const char *who);
/* The peer of an established guard, for a person. */
const char *guard_peer(const struct guard *g, char buf[GUARD_WHO]);
/* enum btns_state that the latches of g are in. */
int guard_shows(const struct guard *g);
/* Has this key a latch? arg: struct guards. */
bool guards_latched_key(void *arg, const struct btns_key *key);
/* known_peers has forgotten this key. */
void guards_forgot(struct guards *gs, const struct btns_key *key);

#endif
