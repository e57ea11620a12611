/* Floors: under a listening socket, block what no guard protects. */
#ifndef BTNS_FLOOR_H
#define BTNS_FLOOR_H

#include "../rules/rules.h"
#include "../xfrm/snapshot.h"
#include "../xfrm/xfrm.h"

#define FLOOR_ENTRIES 1024
/* A rule to discard stands above guards: not even a protected peer may come in. */
#define PRIO_DISCARD 50

struct floors;

/* One listening (address, port), shared by the sockets that listen there. */
struct floor {
    struct floor *next;
    struct floors *all;
    struct btns_addr local; /* with the port; any: 0.0.0.0 or :: */
    unsigned listeners;
    uint64_t settled; /* the generation that changed it while it stood */
    bool adopted;     /* left by an earlier btnsd, for a listener it knew */
    size_t entries;
    struct spd_entry entry[];
};

struct floors {
    struct xfrm *xfrm;
    struct floor *list;
};

/* Puts the entries down (or shares what is there). NULL with err, and nothing changed, on failure.
 */
struct floor *floor_get(struct floors *fs, const struct btns_addr *local,
                        const struct spd_entry *entry, size_t entries, struct err *err);
/* The same for a place that may have another floor already; shares nothing. */
struct floor *floor_put(struct floors *fs, const struct btns_addr *local,
                        const struct spd_entry *entry, size_t entries, struct err *err);
/* Nobody whom no guard protects comes in or hears there until it is released. */
struct floor *floor_shutter(struct floors *fs, const struct btns_addr *local, struct err *err);
void floor_again(const struct floor *f); /* puts its entries down once more */
void floor_release(struct floor *f);
/* An entry left by an earlier btnsd, whose listener lives: it stays as it is. */
void floor_adopt(struct floors *fs, const struct spd_entry *e);
bool floor_has_listener(struct sockdiag *sockets, uint16_t port);
void floors_adopt(struct floors *fs, struct sockdiag *sockets); /* adopt.c */
/* A listener was destroyed there (NULL: anywhere): adopted floors without one go. */
void floors_sweep(struct floors *fs, struct sockdiag *sockets, const struct btns_addr *local);
/* Somebody took entries away: they are put back. */
void floors_restore(struct floors *fs);
/* Reports were lost: entries that are not as they should be are put right. How many. */
unsigned floors_compare(struct floors *fs, const struct spd_snapshot *s);
/* At the end: every floor goes, but for those whose program still listens. */
void floors_clear(struct floors *fs, struct sockdiag *sockets);

/*
 * IPv6 has no disable_xfrm for loopback traffic, so a floor on :: would block a host's talk with
 * itself (measured): these entries let it through. Called at start and when addresses change.
 */
void floor_spare_own6(struct xfrm *x);
void floor_unspare_own6(struct xfrm *x);

#endif
