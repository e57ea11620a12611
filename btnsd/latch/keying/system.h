/* keys = system, the deciding part. */
#ifndef BTNS_LATCH_SYSTEM_H
#define BTNS_LATCH_SYSTEM_H

#include "btnsd/ike/system/system.h"
#include "btnsd/latch/keying/keying.h"

struct system_question {
    const struct key_source *source;
    struct btns_addr local, remote;
    uint16_t port;               /* of the service */
    bool mirror;                 /* which is ours, not the remote one's */
    const struct suite *asked;   /* at least this */
    const struct suite *latched; /* exactly this; NULL: not latched yet */
    const char *who;             /* latched: to whom; else NULL */
    uint32_t reqid;              /* latched: with which */
};

/* sa: the SAD between the two addresses. No pair and no code: there are no such SAs. Pure. */
void system_decide(const struct system_question *q, const struct system_view *v,
                   const struct sad_entry *sa, size_t n, struct finding *f);

#endif
