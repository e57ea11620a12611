/*
 * Entries for packets to a guarded service from an address of this host that has no guard for it.
 * btnsd asks the kernel which source address a connection will have, but routes by TOS, by source
 * port or by a socket option can choose another one. The kernel then holds the packet and sends an
 * ACQUIRE, and btnsd makes a guard for the source address that the ACQUIRE names.
 */
#ifndef BTNS_LATCH_GUARD_OTHER_SOURCES_H
#define BTNS_LATCH_GUARD_OTHER_SOURCES_H

#include "btnsd/latch/guard/guard.h"

/* What the guards of one service of one peer share; it lives as long as one of them has entries. */
struct other_sources {
    struct other_sources *next, **link;   /* in the list of all */
    struct hash_link at_target, at_reqid; /* other_sources.c */
    struct btns_addr remote;              /* port 0 */
    struct service service;
    uint32_t reqid;        /* no SA has it, so that the entries only hold packets */
    struct guard *holders; /* the guards whose entries are in the SPD */
    bool stays;            /* a guard was freed whose entries stay */
};

/* g's entries are about to be written; its service gets entries for all addresses. 0 or -errno. */
int other_sources_hold(struct guard *g);
/*
 * g's entries were deleted. With the last guard of a service, the service's entries for all
 * addresses are deleted.
 */
void other_sources_release(struct guard *g);
/* g is about to be freed; if its SPD entries stay, as at the end of btnsd, these stay, too. */
void other_sources_leave(struct guard *g);
/*
 * g has an SA: packets that were held for its source address are sent at once, under g's own
 * entries.
 */
void other_sources_flush(struct guard *g);
/*
 * An ACQUIRE names this reqid: returns a guard of that service (if possible one that is up), or
 * NULL.
 */
struct guard *other_sources_guard(struct guards *gs, uint32_t reqid);

/* This host's addresses changed: new ones get entries, entries of removed ones are deleted. */
void other_sources_readdress(struct guards *gs);
/* Writes all entries again, because somebody has deleted some. */
void other_sources_restore(struct guards *gs);
/* Writes the entries that the snapshot lacks. Returns how many. */
unsigned other_sources_compare(struct guards *gs, const struct spd_snapshot *s);
/* At start, after guards were adopted: deletes entries of an earlier btnsd that no guard needs. */
void other_sources_sweep(struct guards *gs);
void other_sources_free(struct guards *gs);

#endif
