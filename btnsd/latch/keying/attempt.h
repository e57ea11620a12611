/* A guard's attempt to get an SA from our own charon: what follows when an exchange has failed?
 * Facts in, the next step out (pure). */
#ifndef BTNS_LATCH_KEYING_ATTEMPT_H
#define BTNS_LATCH_KEYING_ATTEMPT_H

#include "btnsd/ike/private/manager.h"

#include <stdbool.h>
#include <stdint.h>

/* How long an attempt goes on for which no connection waits, or on which latches depend. */
#define ATTEMPT_MS 10000
/* How long it goes on with a peer that knows us and does not protect the service for us: its
 * listener, or its new rules, may be on their way to its IKE daemon. */
#define DECLINED_MS 5000
/* How long it goes on with a peer that refuses our certificate's key, or the service. When we have
 * proved the certificate, its btnsd reads it from its charon and lets the key in, or does not; it
 * reads for 5 s at most (LEARN_MS), and no later try of ours makes it read again. */
#define UNREAD_MS 15000
/* How often a known peer may decline before it is asked who it is: within some 600 ms. */
#define DECLINED_TRIES 6

struct attempt {
    enum ike_result result; /* of the exchange that failed */
    bool proving;           /* it was a proof; false: an introduction */
    bool introduced;        /* the peer has claimed the key during this attempt */
    bool certified;         /* the key has to be proved by a certificate */
    bool another;           /* the peer has shown another certificate that will do */
    bool latched;           /* latches depend on the guard */
    unsigned tries;         /* exchanges that failed before this one and were repeated */
    uint64_t now;           /* ms, loop_now */
    uint64_t since;         /* when the first of these failed; without one: now */
    uint64_t limit;         /* when the last connection that waits gives up; 0: none waits */
};

enum attempt_next {
    ATTEMPT_AGAIN,     /* the same exchange, after attempt_pause() */
    ATTEMPT_LATER,     /* the same exchange, when charon can */
    ATTEMPT_INTRODUCE, /* who is there? */
    ATTEMPT_ANOTHER,   /* a proof by another certificate */
    ATTEMPT_ENDS,
};

enum attempt_next attempt_next(const struct attempt *a);
/* ms until the exchange is repeated, when so many have failed. */
unsigned attempt_pause(unsigned tries);

#endif
