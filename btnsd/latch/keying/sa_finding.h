/* Checks which SAs of another key manager between two addresses a latch may use. Pure. */
#ifndef BTNS_LATCH_KEYING_SA_FINDING_H
#define BTNS_LATCH_KEYING_SA_FINDING_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/keying/sa_judge.h"

/* Two SAs that were checked, for one direction each. */
struct sa_pair {
    uint32_t out, in, reqid;
    const struct suite *suite;
};

/* What was found out about a guard's SAs. */
struct finding {
    struct sa_pair pair[GUARD_SAS]; /* newest last */
    size_t pairs;
    char who[GUARD_WHO];   /* the peer, as the manager names it */
    char how[GUARD_HOW];   /* how the manager knows the peer, or that it does not */
    enum btns_reason code; /* not BTNS_R_NONE: why no latch may be made, or why it must end */
    char why[BTNS_TEXT_MAX];
};

/*
 * Judges the SAs of the two directions, which btnsd did not make. If they are good, adds them to f
 * and returns true; else f gets the reason. latched: NULL if nothing is latched yet.
 */
bool finding_judge(struct finding *f, const struct sad_entry *out, const struct sad_entry *in,
                   const struct suite *asked, const struct suite *latched, unsigned replay_window);

#endif
