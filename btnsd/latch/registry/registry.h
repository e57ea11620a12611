/* The registry of latches: which program's sockets are latched, by socket cookie. */
#ifndef BTNS_REGISTRY_H
#define BTNS_REGISTRY_H

#include "btnsd/events/events.h"
#include "btnsd/latch/registry/latch.h"
#include "libapi/wire/wire.h"

#include <sys/types.h>

#define LATCHES_PER_USER 16384 /* of one uid that is not root's */

struct registry;

struct registry *registry_new(void);
/* Who is told when a latch is dropped. */
void registry_set_events(struct registry *r, struct events *es);
void registry_free(struct registry *r);
/*
 * A new latch, or the one that this user has for this socket already. sure: he showed us the
 * socket, so what others say of it goes. Anybody can announce any cookie, for nothing but a latch
 * of his own; who has too many loses one that is older. NULL when out of memory, when all of his
 * are listeners', or when the socket is known to be gone.
 */
struct latch *registry_add(struct registry *r, uint64_t cookie, uid_t uid, bool sure);
struct latch *registry_find(struct registry *r, uint64_t cookie, uid_t uid);
/* The next latch of the socket, whoever announced it, after `after` (NULL: the first). */
struct latch *registry_next(struct registry *r, uint64_t cookie, const struct latch *after);
/* Lets go of its guard and floor, too. */
void registry_drop(struct registry *r, struct latch *l);
/* What its program sent before may be read only after this: it comes another way. */
void registry_socket_gone(struct registry *r, uint64_t cookie);
size_t registry_count(const struct registry *r);
void registry_each(struct registry *r, void (*cb)(void *arg, struct latch *l), void *arg);
/* Every latch of g is closed with its reason and stands alone: g is about to be freed. */
void registry_guard_freed(struct registry *r, struct guard *g);

#endif
