/* The registry of latches: which program's sockets are latched, by socket cookie. */
#ifndef BTNS_REGISTRY_H
#define BTNS_REGISTRY_H

#include "btnsd/events/events.h"
#include "btnsd/latch/guard/guard.h"
#include "libapi/wire/wire.h"

#include <sys/types.h>

#define LATCHES_PER_USER 16384 /* of one uid that is not root's */

#define POLICY_LOST UINT64_MAX

struct floor;

/* A listener latch (3-tuple) or a connection latch (5-tuple); section 2.1 of latching -02. */
struct latch {
    struct latch *next; /* in its bucket */
    uint64_t cookie;
    uint64_t created; /* ms, loop_now */
    pid_t pid;
    uid_t uid;
    bool seen;             /* the kernel has had this socket */
    uint8_t code;          /* enum btns_reason, of reason */
    bool accepted;         /* a connection that came in */
    bool v6only;           /* a listener's */
    uint32_t wish;         /* BTNS_F_REQUIRE, BTNS_F_PREFER; a listener's */
    enum btns_state state; /* LISTENER, UNPROTECTED, CLOSED; else ESTABLISHED: its guard says */
    enum btns_state told;  /* what events have said of it; 0: nothing yet */
    uint64_t policy;       /* handle of its user's rules, or 0; POLICY_LOST: an earlier btnsd's */
    struct btns_addr local, remote;
    struct guard *guard;
    struct latch *of_guard, **link; /* the next of its guard's, and what points here */
    struct floor *floor;            /* a listener's; else what blocks a withdrawn connection */
    const char *program;            /* interned */
    const char *rule;               /* interned: "name (file:line)" */
    const char *reason;             /* interned, or NULL */
};

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
/* Gives l the guard (or none), counted. */
void latch_set_guard(struct latch *l, struct guard *g);
/* Every latch of g is closed with its reason and stands alone: g is about to be freed. */
void registry_guard_freed(struct registry *r, struct guard *g);
/* enum btns_state to show. */
int latch_state(const struct latch *l);

/* One copy of each text for as long as btnsd runs: there are few, and very many latches. */
const char *intern(const char *text);

#endif
