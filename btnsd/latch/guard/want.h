/* Gives a client the guard for its service. */
#ifndef BTNS_LATCH_GUARD_WANT_H
#define BTNS_LATCH_GUARD_WANT_H

#include "btnsd/latch/guard/guard.h"

/* The guard that a client asks for. */
struct guard_want {
    struct btns_addr local, remote;
    struct service service;
    const struct suite *suite;
    const struct demand *demand;
    const struct key_source *source;
    uid_t uid;             /* the user that asks */
    unsigned hold_ms;      /* longest time to hold packets if nobody answers; 0: no limit */
    bool prefer;           /* if it cannot be protected, the program goes on in the clear */
    bool hold;             /* the program does not wait, so the kernel must hold its packets */
    enum btns_reason code; /* out: the reason when there is no guard */
};

struct guard *guard_want(struct guards *gs, struct guard_want *want, struct err *err);
/* Somebody needs g; if its SA is being deleted, it is made again, or kept if that has not begun. */
void guard_want_again(struct guard *g);
/*
 * Would the service's guard refuse this request now, because its latches are broken, or its keys
 * have another source? Fills in want->code and err. Changes nothing, so explain can call it.
 */
bool guard_would_refuse(const struct guards *gs, struct guard_want *want, struct err *err);

#endif
