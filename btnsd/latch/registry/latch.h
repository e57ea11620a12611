/* A latch: one socket of one program, and the guard that protects it. */
#ifndef BTNS_LATCH_REGISTRY_LATCH_H
#define BTNS_LATCH_REGISTRY_LATCH_H

#include "btnsd/base/intern.h"
#include "btnsd/latch/guard/guard.h"
#include "libapi/wire/wire.h"

#include <sys/types.h>

#define POLICY_LOST UINT64_MAX

struct floor;
struct keyed_peers;

/* A listener latch (3-tuple) or a connection latch (5-tuple); section 2.1 of latching -02. */
struct latch {
    struct latch *next; /* in its bucket */
    uint64_t cookie;
    uint64_t created; /* ms, loop_now */
    pid_t pid;
    uid_t uid;
    bool seen;    /* the kernel was seen to have this socket */
    bool shown;   /* its user had the socket, and passed it to btnsd */
    uint8_t code; /* enum btns_reason, for `reason` */
    uint8_t protocol;
    bool flow;          /* of a datagram socket: one of its destinations */
    bool accepted;      /* a connection that the program accepted */
    bool v6only;        /* a listener's */
    bool listens;       /* counted among its user's listeners */
    bool early_floor;   /* its socket has a floor, but does not listen yet */
    bool not_listening; /* its socket is blocked until it listens, and has no floor */
    bool heard;         /* the kernel said that it listens, at the present check of all listeners */
    uint32_t wish;      /* BTNS_F_REQUIRE, BTNS_F_PREFER; a listener's */
    enum btns_state state; /* LISTENER, UNPROTECTED, CLOSED; or ESTABLISHED: see its guard */
    enum btns_state told;  /* the state in the last event; 0: no event yet */
    uint64_t policy;       /* handle of its user's rules, or 0; POLICY_LOST: an earlier btnsd's */
    struct btns_addr local, remote;
    struct guard *guard;
    struct latch *of_guard,
        **link;          /* list of the guard's latches: the next, and the pointer to here */
    struct floor *floor; /* the floor of a listener, or the shutter of a closed connection */
    /* the peers for which a listener's socket has TCP keys; see listener_keys.c. NULL: none */
    struct keyed_peers *keyed;
    const char *program, *rule, *reason; /* set only by intern_set(); reason may be NULL */
    const char *profile;                 /* the same: profile of the rule; NULL: not known */
};

/*
 * May the latch's user act on a socket that belongs to socket_uid? Anybody can announce any cookie,
 * so nothing is done to a socket for a latch whose user neither owns the socket nor has passed it.
 */
bool latch_is_owners(const struct latch *l, uid_t socket_uid);
/*
 * Is a datagram to `to`, a peer of this mirror guard (NULL: there is none), an answer to that peer?
 * An answer belongs to the peer's guard; any other datagram is a client's, for which this host
 * makes a guard of its own. l is the socket's latch for that destination, or NULL. If the socket is
 * already latched as a client's, the datagram is no answer: the latch would change (L12). Where
 * both ends send from the service's own port, it is no answer after the peer has ended its SAs,
 * nor while the host with the lower address asks for the peer's key: otherwise both ends might
 * answer, without SAs.
 */
bool latch_answers(const struct latch *l, const struct guard *mirror, const struct btns_addr *to);
/* Makes g (or no guard, if NULL) the guard of l, and counts its use. */
void latch_set_guard(struct latch *l, struct guard *g);
/* Unlinks l from its guard, which is about to be freed. */
void latch_lose_guard(struct latch *l);
/* The enum btns_state that users see. */
int latch_state(const struct latch *l);

#endif
