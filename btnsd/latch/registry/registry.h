/* The registry: all latches, found by socket cookie. */
#ifndef BTNS_LATCH_REGISTRY_REGISTRY_H
#define BTNS_LATCH_REGISTRY_REGISTRY_H

#include "btnsd/events/events.h"
#include "btnsd/latch/registry/latch.h"
#include "libapi/wire/wire.h"

#include <sys/types.h>

struct registry;

struct registry *registry_new(void);
/* es gets an event when a latch is dropped. */
void registry_set_events(struct registry *r, struct events *es);
void registry_free(struct registry *r);
/*
 * Returns a new latch, or the one that this user already has for this socket. sure: the program
 * passed the socket itself, so other users' latches for this cookie are dropped. Otherwise the
 * cookie is only claimed: that gives the user a latch of his own and nothing else. A user with too
 * many latches loses another one. NULL when out of memory, when all latches of the user are
 * listeners', or when the socket is known to be destroyed.
 */
struct latch *registry_add(struct registry *r, uint64_t cookie, uid_t uid, bool sure);
/* Counts l as a listener's. False, with err: its user has too many. */
bool registry_listens(struct registry *r, struct latch *l, struct err *err);
/* The user's latch of the socket itself: its listener's, or its connection's. */
struct latch *registry_find(struct registry *r, uint64_t cookie, uid_t uid);
/*
 * Adds a latch for one destination of a datagram socket. Works like registry_add() for a socket
 * that was passed. If the socket has REGISTRY_FLOWS latches, the oldest is dropped.
 */
#define REGISTRY_FLOWS 1024
struct latch *registry_add_flow(struct registry *r, uint64_t cookie, uid_t uid,
                                const struct btns_addr *remote);
struct latch *registry_find_flow(struct registry *r, uint64_t cookie, uid_t uid,
                                 const struct btns_addr *remote);
/* The next latch of the socket, of any user, after `after` (NULL: the first). */
struct latch *registry_next(struct registry *r, uint64_t cookie, const struct latch *after);
/* Frees l, and releases its guard and floor. */
void registry_drop(struct registry *r, struct latch *l);
/*
 * Sets the local address of the socket's latches, now that the kernel has told it: a latch that was
 * made before connect() lacks it.
 */
void registry_socket_at(struct registry *r, uint64_t cookie, const struct btns_addr *local);
/* Drops the socket's latches. A program's earlier message about this cookie may arrive later. */
void registry_socket_gone(struct registry *r, uint64_t cookie);
/* Drops those latches of g that belong to datagram sockets. */
void registry_flows_end(struct registry *r, struct guard *g);
size_t registry_count(const struct registry *r);
void registry_each(struct registry *r, void (*cb)(void *arg, struct latch *l), void *arg);
/* Closes every latch of g, which is about to be freed, with the reason of g. */
void registry_guard_freed(struct registry *r, struct guard *g);

#endif
