/* keys = system: what the system's IKE daemon reports, and which of its SAs a latch may use. */
#ifndef BTNS_LATCH_KEYING_SYSTEM_H
#define BTNS_LATCH_KEYING_SYSTEM_H

#include "btnsd/ike/system/system.h"
#include "btnsd/latch/keying/by_spi.h"

struct system_question {
    const struct key_source *source;
    struct btns_addr local, remote;
    struct service service;
    bool mirror;                 /* the service is ours, not the remote one's */
    const struct suite *asked;   /* the least suite */
    const struct suite *latched; /* exactly this suite; NULL: nothing is latched yet */
    const char *who;             /* the latched peer; NULL: nothing is latched yet */
    uint32_t reqid;              /* the latched reqid */
};

/*
 * Picks the SAs that the latch may use. sa: the SAD between the two addresses. If there are none,
 * the finding has neither a pair nor a code. Pure.
 */
void system_decide(const struct system_question *q, const struct system_view *v,
                   const struct sad_entry *sa, size_t n, struct finding *f);

void guards_system_seen(struct guards *gs, const struct system_view *v);
void guards_system_initiated(struct guards *gs, const char *connection, const char *child,
                             enum ike_result result, const char *why);
/* The daemon is gone. True: guards or listeners need it. */
bool guards_system_lost(struct guards *gs, const char *why);
void guards_system_back(struct guards *gs);

#endif
