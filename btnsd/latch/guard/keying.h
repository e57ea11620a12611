/* A key manager as guards see it: who gets the SAs of a guard, and says whose they are. */
#ifndef BTNS_LATCH_GUARD_KEYING_H
#define BTNS_LATCH_GUARD_KEYING_H

#include "btnsd/latch/guard/guard.h"

struct guard_want;
struct caller;

/*
 * One for each enum keys. What is NULL is not done. None of these may free the guard or call
 * guard_event() before it has returned, but for recheck.
 */
struct keying {
    bool own;         /* its SAs are those of the charon that btnsd runs */
    const char *hint; /* for who asked in vain */
    const char *late; /* what a time limit that is over means; NULL: it depends */
    /*
     * A reqid is not an identity here, so no template names one without the SPI of an SA that was
     * checked: in both directions, and nothing comes in while there is none.
     */
    bool pins;
    /* A new guard: its first event, and what is known already. 0, or -errno with err. */
    int (*begin)(struct guard *g, enum guard_event *first, struct err *err);
    bool (*fits)(struct guard *g, const struct guard_want *want, struct err *err);
    void (*introduce)(struct guard *g);
    void (*prove)(struct guard *g);
    void (*prove_soon)(struct guard *g);
    void (*close)(struct guard *g);
    /* The manager has forgotten all that it had. */
    void (*renew)(struct guard *g);
    /* Whose SA it is was proved. */
    void (*record)(struct guard *g);
    /* Deletes what is left of g's SAs, when its entries are gone. */
    void (*drop_sas)(struct guard *g);
    /* pins: the SAD has changed, or may have: looks at it again, and calls guard_found(). */
    void (*recheck)(struct guard *g);
    /* pins: g was up or was to be, and there is no SA (any more). */
    void (*none)(struct guard *g);
    /* pins: this caller may have made SAs: looks for them. NULL: the manager tells by itself. */
    void (*caller)(struct guards *gs, const struct caller *c);
};

#endif
