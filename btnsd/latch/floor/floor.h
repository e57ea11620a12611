/* Floors: under a listening socket, block what no guard protects. */
#ifndef BTNS_FLOOR_H
#define BTNS_FLOOR_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/snapshot.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/service.h"

#define FLOOR_ENTRIES 1024
/* A rule to discard stands above guards: not even a protected peer may come in. */
#define PRIO_DISCARD 50

struct floors;

/* What a peer from there meets. */
enum term_kind { TERM_OPEN, TERM_DEMAND, TERM_DENY };
struct floor_term {
    struct prefix local; /* at these of our addresses; bits 0: at any */
    struct prefix from;
    enum term_kind kind;
    const char *suite;               /* TERM_DEMAND: what its SA must have; static storage */
    const struct demand *who;        /* TERM_DEMAND: whom it must prove to be */
    const struct key_source *source; /* TERM_DEMAND: who else has to make its SA; NULL: we do */
};

/* One listening (address, port), shared by the sockets that listen there. */
struct floor {
    struct floor *next;
    struct floors *all;
    uint8_t protocol;       /* of the service */
    struct btns_addr local; /* with its port; any: 0.0.0.0 or :: */
    unsigned listeners;
    uint64_t settled;        /* the evaluation that changed it while it stood */
    bool adopted;            /* left by an earlier btnsd, for a listener it knew */
    bool strict;             /* above charon's policies: some term asks for more than a key */
    struct floor_term *term; /* in the order in which they decide; an adopted one's are not known */
    size_t terms;            /* 0, and not adopted: no listener's, it only blocks */
    size_t entries;
    struct spd_entry entry[];
};

struct floors {
    struct xfrm *xfrm;
    struct floor *list;
    void (*gone)(void *arg); /* a floor was taken up; NULL: nobody need know */
    void *arg;
};

/* What a floor is made of; nothing of it is kept. */
struct floor_plan {
    uint8_t protocol;
    struct btns_addr local;
    const struct spd_entry *entry;
    size_t entries;
    const struct floor_term *term;
    size_t terms;
};
/* Puts the entries down (or shares what is there). NULL with err, and nothing changed, on failure.
 */
struct floor *floor_get(struct floors *fs, const struct floor_plan *plan, struct err *err);
/* The same for a place that may have another floor already; shares nothing. */
struct floor *floor_put(struct floors *fs, const struct floor_plan *plan, struct err *err);
/* Is it made of just this? */
bool floor_is(const struct floor *f, const struct floor_plan *plan);
bool floor_plan_strict(const struct floor_plan *plan);
/*
 * Nobody whom no guard protects comes in or hears there until it is released; strict: nobody whom
 * charon's policies would let in, either.
 */
struct floor *floor_shutter(struct floors *fs, uint8_t protocol, const struct btns_addr *local,
                            bool strict, struct err *err);
void floor_again(const struct floor *f); /* puts its entries down once more */
/* The term for a peer of that address at this of ours, or NULL: none is about it. */
const struct floor_term *floor_term(const struct floor *f, const struct btns_addr *local,
                                    const struct btns_addr *remote);
struct service floor_service(const struct floor *f);
/* Is it a listener's, under connections to this service at this address of ours? */
bool floor_is_under(const struct floor *f, const struct btns_addr *local, struct service service);
void floor_release(struct floor *f);
/* An entry left by an earlier btnsd, whose listener lives: it stays as it is. */
void floor_adopt(struct floors *fs, const struct spd_entry *e);
bool floor_has_listener(struct sockdiag *sockets, struct service service);
/* Is there anything adopted under this listener? strict: of that kind */
bool floors_adopted_under(const struct floors *fs, uint8_t protocol, const struct btns_addr *local,
                          bool *strict);
/* Its rules are known again: what was adopted goes. */
void floors_drop_adopted(struct floors *fs, uint8_t protocol, const struct btns_addr *local);
/* This socket was destroyed (NULL: perhaps any): adopted floors without a listener go. */
void floors_sweep(struct floors *fs, struct sockdiag *sockets, const struct sock_entry *gone);
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
