/* keys = manual: which SAs of the SAD a latch may use. */
#ifndef BTNS_LATCH_KEYING_MANUAL_H
#define BTNS_LATCH_KEYING_MANUAL_H

#include "btnsd/latch/keying/by_spi.h"

struct manual_question {
    const struct key_source *source;
    struct btns_addr local, remote;
    struct service service;
    bool mirror;                 /* the service is ours, not the remote one's */
    const struct suite *asked;   /* at least this */
    const struct suite *latched; /* exactly this; NULL: not yet */
};

/* sa: states with the reqid, newest first. No pair and no code: there are no such states. Pure. */
void manual_decide(const struct manual_question *q, const struct sad_entry *sa, size_t n,
                   struct finding *f);

#endif
