/*
 * Remembers guards of datagrams that are no longer up, and when each was up: a datagram waits in a
 * socket until its program reads it, and still came from that guard's peer.
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
        const struct guard *of; /* compared only, never followed; NULL: the guard is freed */
        /* owned: a copy of the guard; NULL: it was never up, or the end of that is not known */
        struct guard *as;
        struct btns_addr local, remote;
        struct service service; /* protocol 0: this place is free */
        bool mirror;
        struct instant from, to; /* `as` demanded its key between these */
        struct instant gone;     /* its entries were deleted then; mono 0: it is not freed */
    } item[PAST_GUARDS];
    unsigned at;
    struct instant whole; /* all guards that ended after this are in the list */
};

/* g is up, and its entries are about to change. */
void past_guard_falls(struct past_guards *p, const struct guard *g);
/* The entries of g were deleted, and g is about to be freed. */
void past_guard_gone(struct past_guards *p, const struct guard *g);
bool past_guard_is_for(const struct past_guard *p, uint8_t protocol, const struct btns_addr *local,
                       const struct btns_addr *remote);
void past_guards_free(struct past_guards *p);

#endif
