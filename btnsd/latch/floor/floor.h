/* Floors: SPD entries under a listening socket that block packets which no guard protects. */
#ifndef BTNS_LATCH_FLOOR_FLOOR_H
#define BTNS_LATCH_FLOOR_FLOOR_H

#include "btnsd/base/hash_table.h"
#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/snapshot.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/service.h"

#define FLOOR_ENTRIES 1024
/* Entries of a discard rule have precedence over guards: not even a protected peer may come in. */
#define PRIO_DISCARD 50

struct floors;

/* What happens to a peer: it may come in, it must prove an identity, or it is blocked. */
enum term_kind { TERM_OPEN, TERM_DEMAND, TERM_DENY };
struct floor_term {
    struct prefix local; /* the term holds for these addresses of ours; bits 0: all */
    struct prefix from;  /* and for peers with these addresses */
    enum term_kind kind;
    bool beet;                       /* TERM_DEMAND: of SAs in BEET mode */
    const char *suite;               /* TERM_DEMAND: suite of the SA; static storage */
    const struct demand *who;        /* TERM_DEMAND: identity that the peer must prove */
    const struct key_source *source; /* TERM_DEMAND: other key manager; NULL: btnsd's own */
};

/* One listening (address, port), shared by the sockets that listen there. */
struct floor {
    struct floor *next, **link;  /* in the list of all */
    struct hash_link at_service; /* floor.c */
    struct floors *all;
    uint8_t protocol;       /* of the service */
    struct btns_addr local; /* with its port; any: 0.0.0.0 or :: */
    unsigned listeners;
    uint64_t settled;        /* daemon.evaluation of the review that last replaced this floor */
    bool adopted;            /* found in the SPD, left by an earlier btnsd */
    bool stays;              /* kept when btnsd ends, because its listener lives on */
    bool strict;             /* above charon's policies, because a term asks for more than a key */
    struct floor_term *term; /* the first matching term decides; unknown for an adopted floor */
    size_t terms;            /* 0, and not adopted: a shutter, which only blocks */
    size_t entries;
    struct spd_entry entry[];
};

struct floors {
    struct xfrm *xfrm;
    struct floor *list;
    struct hash_table by_service;
    void (*gone)(void *arg); /* called when a floor is deleted; may be NULL */
    /* Does a known listener stand on this floor, which an earlier btnsd left? */
    bool (*listens)(void *arg, const struct floor *f);
    void *arg;
};

/* What a new floor is to contain. Its pointers are not kept. */
struct floor_plan {
    uint8_t protocol;
    struct btns_addr local;
    const struct spd_entry *entry;
    size_t entries;
    const struct floor_term *term;
    size_t terms;
};
/*
 * Adds the floor's entries to the SPD, or shares an equal floor. NULL with err, and nothing
 * changed, on failure.
 */
struct floor *floor_get(struct floors *fs, const struct floor_plan *plan, struct err *err);
/* Adds a floor even if this address and port has one already; never shares. */
struct floor *floor_put(struct floors *fs, const struct floor_plan *plan, struct err *err);
/* Does the floor contain exactly what the plan says? */
bool floor_is(const struct floor *f, const struct floor_plan *plan);
bool floor_plan_strict(const struct floor_plan *plan);
/*
 * Blocks all packets to and from this address and port that no guard protects, until the floor is
 * released. strict: also packets that charon's policies would let in.
 */
struct floor *floor_shutter(struct floors *fs, uint8_t protocol, const struct btns_addr *local,
                            bool strict, struct err *err);
/* The term for this peer at this address of ours, or NULL. */
const struct floor_term *floor_term(const struct floor *f, const struct btns_addr *local,
                                    const struct btns_addr *remote);
struct service floor_service(const struct floor *f);
/* Does the floor apply to connections to this service at this address of ours? */
bool floor_is_under(const struct floor *f, const struct btns_addr *local, struct service service);
/* From now on searches find the floor. The other functions here call this themselves. */
void floor_enter(struct floor *f);
/*
 * The floors that apply to this service at this address, one after the other; `after` NULL: the
 * first.
 */
struct floor *floor_under(const struct floors *fs, const struct btns_addr *local,
                          struct service service, const struct floor *after);
void floor_release(struct floor *f);
/* Keeps an SPD entry that an earlier btnsd left and whose program still listens. */
void floor_adopt(struct floors *fs, const struct spd_entry *e);
/* Is an adopted floor under this listener? *strict: is one of them strict? */
bool floors_adopted_under(const struct floors *fs, uint8_t protocol, const struct btns_addr *local,
                          bool *strict);
/* Deletes the adopted floors of a listener that now has a floor from its rules. */
void floors_drop_adopted(struct floors *fs, uint8_t protocol, const struct btns_addr *local);
/*
 * Deletes adopted floors without a listener. gone: the destroyed socket, whose floors alone are
 * checked; NULL: checks all.
 */
void floors_sweep(struct floors *fs, const struct sock_entry *gone);
/* Writes all entries again, because somebody deleted some. */
void floors_restore(struct floors *fs);
/* Corrects entries that differ from the snapshot; returns how many. Used when reports were lost. */
unsigned floors_compare(struct floors *fs, const struct spd_snapshot *s);
/* At the end of btnsd: deletes every floor whose program no longer listens. */
void floors_clear(struct floors *fs);

/*
 * IPv6 has no disable_xfrm for loopback traffic, so a floor on :: would block a host's
 * connections to itself (measured): these entries let them through. Called at start and when
 * addresses change.
 */
void own_ipv6_spare(struct xfrm *x);
void own_ipv6_unspare(struct xfrm *x);

#endif
