/*
 * The interface of a key manager to guards: a key manager makes a guard's SAs and proves the peer's
 * identity.
 */
#ifndef BTNS_LATCH_GUARD_KEYING_H
#define BTNS_LATCH_GUARD_KEYING_H

#include "btnsd/latch/guard/guard.h"

struct guard_want;
struct caller;

/*
 * One for each enum keys. A function may be NULL. Except for recheck, no function may free the
 * guard or call guard_event() before it returns.
 */
struct keying {
    bool own;         /* its SAs are those of the charon that btnsd runs */
    const char *hint; /* advice for a user whose connection failed */
    const char *late; /* reason when the time limit is over; NULL: depends on what happened */
    /*
     * This manager's reqids do not identify a peer: templates in both directions name the SPI of an
     * SA that was checked, and without such an SA nothing may come in.
     */
    bool by_spi;
    /* Prepares a new guard and gives its first event. 0, or -errno with err. */
    int (*begin)(struct guard *g, enum guard_event *first, struct err *err);
    /* May another caller share g? False with err. */
    bool (*fits)(struct guard *g, const struct guard_want *want, struct err *err);
    void (*introduce)(struct guard *g);
    void (*prove)(struct guard *g);
    void (*prove_soon)(struct guard *g);
    void (*close)(struct guard *g);
    /* The manager has restarted and lost its state: make g's SAs again. */
    void (*renew)(struct guard *g);
    /*
     * The peer may have lost g's SAs: has it prove its key anew, and leaves the SAs in place until
     * it has. Does nothing for `pause` ms after the last such proof.
     */
    void (*confirm)(struct guard *g, unsigned pause);
    /* g is wanted again while close() works: if the peer was not asked yet, close() ends. */
    void (*keep)(struct guard *g);
    /*
     * The peer does not answer that g's SA is deleted: close() need not wait for that. False: it
     * was not asked, or too short a while ago.
     */
    bool (*hang_up)(struct guard *g);
    /* The peer's identity was proved: record it in known_peers. */
    void (*record)(struct guard *g);
    /* Deletes the rest of g's SAs, after g's entries were deleted. */
    void (*drop_sas)(struct guard *g);
    /* by_spi: the SAD may have changed: reads it again, and calls guard_found(). */
    void (*recheck)(struct guard *g);
    /* by_spi: g needs an SA and there is none. */
    void (*none)(struct guard *g);
    /* by_spi: looks for SAs that this caller may have made. NULL: the manager reports them. */
    void (*caller)(struct guards *gs, const struct caller *c);
};

#endif
