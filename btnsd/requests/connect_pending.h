/* The connect()s that wait for a guard: their data, and how to find them. */
#ifndef BTNS_REQUESTS_CONNECT_PENDING_H
#define BTNS_REQUESTS_CONNECT_PENDING_H

#include "btnsd/base/hash_table.h"
#include "btnsd/base/socket_holder.h"
#include "btnsd/latch/guard/waiter.h"
#include "btnsd/state/daemon.h"

/*
 * A connect() that waits for its guard; in the background, also for the peer's answer after that.
 */
struct pending {
    struct waiter wait;
    struct hash_link at_cookie; /* in `granted` */
    bool is_granted;
    struct btnsd *d;
    struct client *client; /* gets the verdict, or is told the outcome; NULL: it is gone */
    bool background;       /* non-blocking: the program went on */
    bool shut; /* its socket has a policy of its own, and is shut until the program may connect */
    bool translated;      /* its socket is to be bound to the guard (translation.h) */
    bool bound;           /* it is bound */
    pid_t pid;            /* the process that asked */
    struct holder holder; /* non-blocking: which process has the socket */
    struct btns_flow q;
    struct btns_addr source; /* the guard's local address */
    uid_t uid;
    struct timer limit;
    unsigned ms;
    unsigned first_ms; /* until the first check whether the host has answered; 0: no such check */
    unsigned looks;    /* number of checks so far */
    const char *hint;
    bool known;     /* the peer was known when the program asked */
    uint64_t epoch; /* epoch of a verdict that may be cached; 0: it may not be */
    char rule[BTNS_TEXT_MAX];
};

/* The guard is up: the attempt no longer counts among its user's waiting ones. */
void pending_grant(struct pending *p);
/* The background attempt of this latch whose guard is up, or NULL. */
struct pending *pending_of_latch(const struct latch *l);
/* Frees p. Nobody waits for it any more, and nothing calls back. */
void pending_free(struct pending *p);
/*
 * The user's latch for this flow: that of the socket, or that of a datagram socket's destination.
 */
struct latch *pending_latch(struct btnsd *d, const struct btns_flow *q, uid_t uid);

#endif
