/* The connect()s that wait for a guard: what is kept of each, and how it is found. */
#ifndef BTNS_REQUESTS_CONNECT_PENDING_H
#define BTNS_REQUESTS_CONNECT_PENDING_H

#include "btnsd/base/hash_table.h"
#include "btnsd/base/socket_holder.h"
#include "btnsd/latch/guard/waiter.h"
#include "btnsd/state/daemon.h"

/* A connect() that waits for its guard; in the background also for the peer's answer after that. */
struct pending {
    struct waiter wait;
    struct hash_link at_cookie; /* in `granted` */
    bool is_granted;
    struct btnsd *d;
    struct client *client; /* who waits for the verdict, or is told the outcome; NULL: it is gone */
    bool background;       /* non-blocking: the program went on */
    bool shut;            /* its socket is, by a policy of its own, until the program may connect */
    bool translated;      /* its socket is to be bound to the guard (translation.h) */
    bool bound;           /* that was done */
    pid_t pid;            /* who asked */
    struct holder holder; /* non-blocking: which process has the socket */
    struct btns_flow q;
    uid_t uid;
    struct timer limit;
    unsigned ms;
    unsigned first_ms; /* the first look at whether anybody has answered; 0: there is none */
    unsigned looks;    /* how many there were */
    const char *hint;
    bool known;     /* the peer was, when the program asked */
    uint64_t epoch; /* epoch of a verdict that may be cached; 0: it may not */
    char rule[BTNS_TEXT_MAX];
};

/* The guard is up. The attempt no longer counts among those of its user that wait. */
void pending_grant(struct pending *p);
/* The attempt in the background that this latch is of, and whose guard is up, or NULL. */
struct pending *pending_of_latch(const struct latch *l);
/* Nobody waits any more, and nothing calls back. */
void pending_free(struct pending *p);
/* The user's latch for this flow: that of the socket, or of a datagram socket's destination. */
struct latch *latch_of_flow(struct btnsd *d, const struct btns_flow *q, uid_t uid);

#endif
