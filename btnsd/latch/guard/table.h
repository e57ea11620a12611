/* The table of guards: makes and frees guards, and answers questions about them. */
#ifndef BTNS_LATCH_GUARD_TABLE_H
#define BTNS_LATCH_GUARD_TABLE_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/search.h"

/*
 * The guard of the connection with this protocol and these addresses (with ports); the service may
 * be at either end.
 */
struct guard *guard_of(struct guards *gs, uint8_t protocol, const struct btns_addr *local,
                       const struct btns_addr *remote);
/* Start and stop counting what users have of guards. */
void guards_count_begin(struct guards *gs);
void guards_count_end(struct guards *gs);
struct guard *guard_new(struct guards *gs, const struct btns_addr *local,
                        const struct btns_addr *remote, struct service service, bool mirror);
void guard_free(struct guard *g);
/* g's host is no longer asked whether it has UDP port 500 (keying/neighbour_watch.c). */
void guard_probe_end(struct guard *g);
/* Another guard between these addresses whose latches belong to another key, or NULL (L15, L17). */
const struct guard *guard_conflict(const struct guards *gs, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key);
/* The same for a guard whose peer has an identity other than a key. */
const struct guard *guard_rival(const struct guard *g, const char *who);
/* The name or key of an established guard's peer, for messages. */
const char *guard_peer(const struct guard *g, char buf[GUARD_WHO]);
/* The enum btns_state of the latches of g. */
int guard_shows(const struct guard *g);
/* Is any latch established with this key? arg: struct guards. */
bool guards_latched_key(void *arg, const struct btns_key *key);
/* This key was deleted from known_peers. */
void guards_forgot(struct guards *gs, const struct btns_key *key);

#endif
