/*
 * A new SA of our own charon: is its peer expected at these addresses, or has it moved, and is the
 * SA good enough? Takes facts and returns a verdict. Pure.
 */
#ifndef BTNS_LATCH_RESPONDER_NEW_SA_DECIDE_H
#define BTNS_LATCH_RESPONDER_NEW_SA_DECIDE_H

#include "btnsd/latch/guard/guard.h"

struct arrival {
    bool paired;       /* its reqid is that of a peer's key */
    bool expected_in;  /* IKE has a connection with that key for SAs from its source to us */
    bool expected_out; /* the same, for SAs from us to its destination */
    /*
     * How many demands the SA fails: those made of all SAs, and those of guards that could use it.
     */
    size_t faults;
};

enum arrival_verdict {
    ARRIVAL_UNKNOWN, /* the SA of an unknown peer: nothing is done about it */
    ARRIVAL_MOVED,   /* the peer is not expected there: it has to introduce itself first */
    ARRIVAL_WEAKER,  /* weaker than what is demanded */
    ARRIVAL_ACCEPTED,
};

enum arrival_verdict new_sa_judge(const struct arrival *a);
/*
 * Could sa, whose selector may be wide, protect packets of the guard's service? incoming: the SA is
 * for packets to us.
 */
bool new_sa_concerns(const struct guard *g, const struct sad_entry *sa, bool incoming);
/* Is sa the outgoing SA that charon has made in place of the guard's, to another address? */
bool new_sa_replaces(const struct guard *g, const struct sad_entry *sa);

#endif
