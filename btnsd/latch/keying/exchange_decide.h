/*
 * What follows when an exchange of a guard with our own charon has failed? Takes facts and returns
 * the next step. Pure.
 */
#ifndef BTNS_LATCH_KEYING_EXCHANGE_DECIDE_H
#define BTNS_LATCH_KEYING_EXCHANGE_DECIDE_H

#include "btnsd/ike/private/manager.h"

#include <stdbool.h>
#include <stdint.h>

/* How long an attempt goes on if no connection waits for it, or if latches depend on it. */
#define ATTEMPT_MS 10000
/*
 * How long an attempt goes on with a peer that knows us but does not protect the service: its
 * listener, or its new rules, may be on their way to its IKE daemon.
 */
#define DECLINED_MS 5000
/*
 * How long an attempt goes on with a peer that refuses our certificate's key, or the service. When
 * we have proved the certificate, the peer's btnsd reads it from its charon, and admits the key or
 * not. That takes 5 s at most (LEARN_MS), and a later try of ours does not make it read again.
 */
#define UNREAD_MS 15000
/* How often a known peer may decline before it is asked for its key: within some 600 ms. */
#define DECLINED_TRIES 6

struct attempt {
    enum ike_result result; /* of the exchange that failed */
    bool proving;           /* it was a proof; false: an introduction */
    bool introduced;        /* the peer has claimed the key during this attempt */
    bool certified;         /* the key has to be proved by a certificate */
    bool another;           /* the peer has shown another certificate that satisfies the rule */
    bool latched;           /* latches depend on the guard */
    unsigned tries;         /* failed and repeated exchanges before this one */
    uint64_t now;           /* ms, loop_now */
    uint64_t since;         /* when the first of these failed; if there are none: now */
    uint64_t limit;         /* when the last connection that waits gives up; 0: none waits */
};

enum exchange_next {
    ATTEMPT_AGAIN,     /* the same exchange, after exchange_pause() */
    ATTEMPT_LATER,     /* the same exchange, as soon as charon can */
    ATTEMPT_INTRODUCE, /* an introduction, to learn the peer's key */
    ATTEMPT_ANOTHER,   /* a proof by another certificate */
    ATTEMPT_ENDS,
};

enum exchange_next exchange_next(const struct attempt *a);
/* How long, in ms, to wait before the exchange is repeated after this many tries have failed. */
unsigned exchange_pause(unsigned tries);

#endif
