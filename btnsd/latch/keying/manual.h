/* keys = manual: which SAs of the SAD a latch may use. */
#ifndef BTNS_LATCH_KEYING_MANUAL_H
#define BTNS_LATCH_KEYING_MANUAL_H

#include "btnsd/latch/keying/by_spi.h"

struct manual_question {
    const struct key_source *source;
    struct btns_addr local, remote;
    struct service service;
    bool mirror;                 /* the service is ours, not the remote one's */
    const struct suite *asked;   /* the least suite */
    const struct suite *latched; /* exactly this suite; NULL: nothing is latched yet */
};

/*
 * Picks the SAs that the latch may use. sa: the SAs with the reqid, newest first. If there are
 * none, the finding has neither a pair nor a code. Pure.
 */
void manual_decide(const struct manual_question *q, const struct sad_entry *sa, size_t n,
                   struct finding *f);

#endif
