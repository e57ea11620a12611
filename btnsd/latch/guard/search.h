/*
 * Finds guards by service, addresses, key or reqid, without searching all of them. Each search
 * begins with `after` NULL and continues after the guard that was found last, which may be freed
 * once the next one is found.
 */
#ifndef BTNS_LATCH_GUARD_SEARCH_H
#define BTNS_LATCH_GUARD_SEARCH_H

#include "btnsd/latch/guard/guard.h"

struct guard *guard_find(const struct guards *gs, const struct btns_addr *local,
                         const struct btns_addr *remote, struct service service, bool mirror);
/* Guards of any service between these addresses. */
struct guard *guard_between(const struct guards *gs, const struct btns_addr *local,
                            const struct btns_addr *remote, const struct guard *after);
/* Guards of this service, for any addresses. */
struct guard *guard_serving(const struct guards *gs, struct service service,
                            const struct guard *after);
struct guard *guard_with_key(const struct guards *gs, const struct btns_key *key,
                             const struct guard *after);
struct guard *guard_with_reqid(const struct guards *gs, uint32_t reqid, const struct guard *after);

/* Guards between these addresses to which there were latches; one guard for each peer. */
struct guard *guard_latched(const struct guards *gs, const struct btns_addr *local,
                            const struct btns_addr *remote, const struct guard *after);

/* From now on searches find g, whose addresses and service are set, until guard_leave(). */
void guard_enter(struct guard *g);
void guard_leave(struct guard *g);
/* The only functions that set key and reqid. A guard that has a key always has one afterwards. */
void guard_set_key(struct guard *g, const struct btns_key *key);
void guard_set_reqid(struct guard *g, uint32_t reqid);
/* Latches were established under g. Its peer must be known: by its key, or by `who`. */
void guard_set_latched(struct guard *g);
void guards_free_tables(struct guards *gs);

#endif
