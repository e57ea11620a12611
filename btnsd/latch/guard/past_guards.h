/*
 * Guards of datagrams that are no longer up: a datagram waits in a socket for as long as its
 * program does not read it, and is still that peer's. The last ones are kept, and when each was up.
 */
#ifndef BTNS_LATCH_GUARD_PAST_GUARDS_H
#define BTNS_LATCH_GUARD_PAST_GUARDS_H

#include "btnsd/base/instant.h"
#include "libapi/wire/addr.h"
#include "libapi/wire/service.h"

#include <stdbool.h>

#define PAST_GUARDS 256 /* a later one takes the oldest's place */

struct guard;

struct past_guards {
    struct past_guard {
        const struct guard *of; /* NULL: it is freed; to be compared only */
        struct guard *as;       /* owned: the guard as it was, without what it held; NULL: of a
                                   guard that was never up, or nobody can say until when */
        struct btns_addr local, remote;
        struct service service; /* protocol 0: a free place */
        bool mirror;
        struct instant from, to; /* `as` demanded its key from then until then */
        struct instant gone;     /* none of its entries stands since; mono 0: not freed */
    } item[PAST_GUARDS];
    unsigned at;
    struct instant whole; /* what went since then is in the list */
};

/* g is up, and its entries will change in a moment. */
void past_guard_falls(struct past_guards *p, const struct guard *g);
/* The entries of g are gone, and it is about to be freed. */
void past_guard_gone(struct past_guards *p, const struct guard *g);
bool past_guard_is_for(const struct past_guard *p, uint8_t protocol, const struct btns_addr *local,
                       const struct btns_addr *remote);
void past_guards_free(struct past_guards *p);

#endif
