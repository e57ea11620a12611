/* Guards: the SPD entries that tie one service between two addresses to one peer key, and their
 * life. */
#ifndef BTNS_GUARD_H
#define BTNS_GUARD_H

#include "btnsd/events/events.h"
#include "btnsd/ike/keys/credential.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/admission/admit.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/machine.h"
#include "btnsd/latch/guard/reqid.h"
#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/snapshot.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

#define GUARD_SAS      8
#define GUARD_FRESH    16
#define GUARD_KEPT_OUT 64
#define GUARD_WHO      256
#define GUARD_HOW      128

struct guard;
struct keying;

/* A request that waits for a guard. Embedded in its owner. */
struct waiter {
    struct waiter *next;
    struct guard *guard; /* NULL: not waiting */
    bool prefer;         /* told of a failure only after the guard is out of the way */
    /* The guard is closed inwards, and about to open outwards; may be NULL. */
    void (*opening)(struct waiter *w);
    void (*granted)(struct waiter *w);
    /* clear: the guard is gone, so packets may go unprotected where the rule allows it. */
    void (*refused)(struct waiter *w, bool clear, enum btns_reason code, const char *why);
};

struct guard {
    struct guard *next;
    struct guards *all;
    enum guard_state state;
    bool mirror;                    /* the service is ours: the peer brings the SA up */
    struct btns_addr local, remote; /* port 0 */
    uint16_t port;                  /* of the service: remote, or local for a mirror */
    const struct keying *keying;    /* keying.h: who gets its SAs */
    struct key_source source;       /* what that needs to know */
    const struct suite *asked;      /* at least this; a mirror's: NULL */
    const struct suite *suite;      /* what the SA has, or (private keys) must have */
    struct demand *demand;          /* whom it must be; owned; NULL: nothing is asked */
    struct btns_key key;
    bool has_key;
    bool certified;          /* the key was proved by a certificate */
    struct credential *cert; /* that one; owned */
    struct candidates found; /* one of which it is */
    char who[GUARD_WHO];     /* the peer, by a manager that tells no keys; "" before */
    char how[GUARD_HOW];
    bool holds;      /* a non-blocking connect() relies on the kernel to hold its packets */
    bool introduced; /* the key was claimed in an introduction during this attempt */
    bool ever_up;    /* latches were established: key and suite stay as they are */
    bool wanted;     /* asked for while closing */
    uint32_t reqid;
    enum spd_action spd; /* what its entries say now; SPD_ALLOW: there are none */
    uint32_t held;   /* reqid of a template without SPI that may have made larval states, or 0 */
    uint32_t spi;    /* that the outgoing template names; 0: none */
    uint32_t spi_in; /* that the incoming one names; 0: none */
    uint32_t
        hold_reqid; /* of no SA, for templates that only hold packets; 0: reqid is for it, too */
    uint32_t sa[GUARD_SAS];    /* outgoing SPIs in the SAD, newest last */
    uint32_t sa_in[GUARD_SAS]; /* the incoming ones that go with them, where these are pinned */
    size_t sas;
    uint32_t gone;          /* the last of them that left it */
    struct ike_nat nat;     /* as found when its SA was agreed */
    struct btns_addr inner; /* the peer's own, as it says, behind a NAT; family 0: not known */
    uint16_t encap_local, encap_remote; /* UDP ports of the newest SA; 0: not encapsulated */
    unsigned tries;
    unsigned away;         /* ms that the key manager was not there for it */
    unsigned latches;      /* registered ones */
    struct latch *holders; /* these */
    struct waiter *waiters;
    struct ike_task *task;
    uint64_t last_used; /* ms, loop_now */
    struct timer retry, sweep;
    bool shield;                /* entries of PRIO_SHIELD stand */
    bool failing;               /* inside guard_fail() */
    bool broken;                /* failed, and not up again since */
    enum btns_state told;       /* what events have said of it */
    enum btns_reason code;      /* why it failed */
    char reason[BTNS_TEXT_MAX]; /* the same for a person */
};

struct guards_ops {
    /* Cached verdicts end now, and every request that relied on one is read before this returns. */
    void (*settle)(void *arg);
    /* A guard's state changed. */
    void (*changed)(void *arg, struct guard *g);
    /* A guard is about to be freed: forget it. */
    void (*freed)(void *arg, struct guard *g);
};

/* Every guard, and what they work with (all borrowed). */
struct guards {
    struct loop *loop;
    struct xfrm *xfrm;
    struct sockdiag *sockets;
    struct ike *ike;
    struct system_ike *system;
    struct peers *peers;
    const struct hostkey *host;
    const struct rules *const *rules; /* in force: what they say of addresses is of the PAD, too */
    struct floors *floors;
    struct pairs pairs;
    const char *certificates; /* directory of those that are latched; NULL: a restart loses them */
    const struct guards_ops *ops;
    char away[BTNS_TEXT_MAX]; /* why the private key manager cannot be started, or "" */
    void *arg;
    struct events *events;
    bool off; /* no latches at all */
    unsigned linger_ms;
    struct spd_entry *foreign; /* that stand above guards */
    size_t foreigners;
    struct sad_entry *orphan;
    size_t orphans;
    struct timer orphans_end, review, callers;
    struct fresh_sa { /* of new exchanges, as charon told; a ring */
        uint32_t spi; /* outgoing */
        struct ike_nat nat;
    } fresh[GUARD_FRESH];
    unsigned fresh_at;
    struct kept_out { /* callers of whom it was told; a ring */
        struct btns_addr local, remote;
        uint16_t port;
        uint64_t why; /* hash */
    } kept_out[GUARD_KEPT_OUT];
    unsigned kept_out_at;
    struct guard *list;
    unsigned count;
};

/* What a client asks a guard for. */
struct guard_want {
    struct btns_addr local, remote;
    uint16_t port;
    const struct suite *suite;
    const struct demand *demand;
    const struct key_source *source;
    bool hold;             /* the program does not wait: the kernel must hold its packets */
    enum btns_reason code; /* out: why there is none */
};

/* guards.c */
struct guard *guard_find(struct guards *gs, const struct btns_addr *local,
                         const struct btns_addr *remote, uint16_t port, bool mirror);
/* The guard of a connection whose addresses (with ports) these are, whichever end is the service.
 */
struct guard *guard_of(struct guards *gs, const struct btns_addr *local,
                       const struct btns_addr *remote);
/* Finds or makes; NULL (nothing changed) with err when it conflicts with what is latched. */
struct guard *guard_want(struct guards *gs, struct guard_want *want, struct err *err);
struct guard *guard_new(struct guards *gs, const struct btns_addr *local,
                        const struct btns_addr *remote, uint16_t port, bool mirror);
void guard_free(struct guard *g);
void guard_hold(struct guard *g);
void guard_release(struct guard *g);
void guard_wait(struct guard *g, struct waiter *w);
void guard_unwait(struct waiter *w);
/* Another guard between these addresses whose latches belong to another key, or NULL (L15, L17). */
const struct guard *guard_conflict(const struct guards *gs, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key);
/* The same for a guard whose peer is known by another name than a key. */
const struct guard *guard_rival(const struct guard *g, const char *who);
/* The peer of an established guard, for a person. */
const char *guard_peer(const struct guard *g, char buf[GUARD_WHO]);
/* At the end: every guard goes, but for those of live latches, which hold their packets until an
 * heir comes. */
void guards_clear(struct guards *gs);

/* act.c: the only way a guard's state changes. */
void guard_event(struct guard *g, enum guard_event e);
/* No protection to be had: GE_FAIL_LATCHED or GE_FAIL_UNUSED, with the reason. */
void guard_fail(struct guard *g, enum btns_reason code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int guard_spd(struct guard *g, enum spd_action action, uint32_t spi);
/* Are its entries there? Those that are not are put there. */
bool guard_spd_mend(struct guard *g, const struct spd_snapshot *s);
/* A failed one tries again now. */
void guard_retry(struct guard *g);

/* sweep.c */
bool guard_in_use(struct guard *g, uint32_t *time_wait_ms);
/* A use of g has just ended: its linger time begins. */
void guard_used(struct guard *g);
/* Looks after `ms`, or sooner, whether g is still used. */
void guard_sweep_after(struct guard *g, unsigned ms);

/* kernel.c: what the kernel and charon report. */
void guards_xfrm_event(struct guards *gs, const struct xfrm_event *ev);
void guards_socket_gone(struct guards *gs, const struct sock_entry *e);
void guards_child_up(struct guards *gs, uint32_t reqid, uint32_t spi_out,
                     const struct ike_nat *nat);
/* A peer behind a NAT says what its own address is. */
void guards_inner(struct guards *gs, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key, const struct btns_addr *inner);
void guards_ike_ready(struct guards *gs);
/* A known peer may reach us, where it is known. */
void guards_ike_allow(struct guards *gs, const struct peer *p);
/* It cannot be started: nobody can prove a key, or hear that the peer ended an SA. */
void guards_ike_away(struct guards *gs, const char *why);
/* The key manager is about to be freed. */
void guards_ike_ends(struct guards *gs);

/* mirror.c: the guard for what a peer has brought up, if it is for one service; or NULL. */
struct guard *mirror_new(struct guards *gs, const struct sad_entry *sa);
/* IKE has refused whom it knew to refuse; rules and floors may have changed since. */
bool mirror_may_come_in(struct guard *g);

/* refuse_sa.c: is this SA, that has just come up, to be had? If not it is gone, with what it was
 * for.
 */
bool guards_take_sa(struct guards *gs, const struct sad_entry *sa);
/* A NAT gave a peer another address or port. */
void guards_mapping(struct guards *gs, const struct xfrm_event *ev);

/*
 * adopt.c: at start, what an earlier btnsd left in the SPD. A guard whose connections still live
 * and whose reqid the reqid file explains is taken on, to be proved again; others are taken away.
 */
int guards_adopt(struct guards *gs, struct err *err);
/* orphans.c: SAs that no charon looks after any more, because it was killed. */
void guards_drop_sas(struct guards *gs);
void guard_drop_sas(struct guard *g); /* those of g's service */
void guards_ike_died(struct guards *gs);

/* foreign.c */
const struct spd_entry *guard_overridden(const struct guard *g);
/* Blocks, or no longer, above what overrides g. */
void guard_shield(struct guard *g, bool on);
/* One that an earlier btnsd left: true, and it is gone. */
bool shield_left(struct guards *gs, const struct spd_entry *e);
void guards_spd_read(struct guards *gs);
void guards_spd_restore(struct guards *gs);
/* Reports were lost: entries that are not as they should be are put right. How many. */
unsigned guards_spd_compare(struct guards *gs, const struct spd_snapshot *s);
bool guards_spd_changed(struct guards *gs, const struct xfrm_event *ev);

/*
 * pad.c: may there be a latch to this peer at all? key NULL: whoever is known there. BTNS_R_NONE,
 * or why not with err. Pure.
 */
enum btns_reason guards_no_latch(const struct guards *gs, const struct btns_addr *remote,
                                 const struct btns_key *key, struct err *err);

/* Has this key a latch? arg: struct guards. */
bool guards_latched_key(void *arg, const struct btns_key *key);

/* known_peers has forgotten this key. */
void guards_forgot(struct guards *gs, const struct btns_key *key);
/* pairs_used.c: forgets reqids of keys that nothing here has to do with any more. */
void guards_trim_pairs(struct guards *gs);
/* certified.c: of those found the first that can be it, or any; then the next, if there is one. */
struct credential *guard_certificate(const struct guard *g);
void guard_next_certificate(struct guard *g);
/* A guard is up by a certificate: a restart must not lose that. */
void guard_keep_certificate(const struct guard *g);
/* What was kept of an adopted one; false: nothing. */
bool guard_reread_certificate(struct guard *g);
/* When all is adopted. */
void guards_sweep_certificates(struct guards *gs);
/* As responder: adopted ones may come back. */
void guards_allow_certified(struct guards *gs);

/* Who would speak for an address, and how it is known. */
struct applicant {
    const struct btns_addr *local, *remote;
    const struct btns_key *key;
    const struct credential *cert; /* or NULL: a raw key */
};

/*
 * claims.c: may it, under this demand? port: of the service it is about, ours or theirs as the
 * point says; 0: of none in particular.
 */
bool guards_admit(const struct guards *gs, const struct applicant *who, enum point point,
                  uint16_t port, const struct demand *demand, struct err *err);

/* fits.c: is whom the guard has, or will have, good enough for this demand as well? */
bool guard_fits(struct guard *g, const struct demand *demand, struct err *err);

/* serve.c: which of our services is it let in to? */
/* *suite: what its SA must have; NULL: any that we know. */
bool serve_admits(const struct guards *gs, const struct applicant *who, uint16_t port,
                  const char **suite, struct err *err);
/* What a floor there demands of it; NULL: nothing. */
const struct demand *serve_demand(const struct guards *gs, const struct applicant *who,
                                  uint16_t port);
/* serve_inlets.c: all of them; owned by the caller. */
struct inlets serve_inlets(const struct guards *gs, const struct applicant *who);
/*
 * serve_review.c: gives charon the peer's connection with just these, or takes it away: IKE itself
 * refuses the rest. claimed: until the key is proved it gives way to later ones. 0; -EACCES with
 * err when nothing is left; -ENOMEM; -ENOBUFS when too many are claimed.
 */
int serve_allow(struct guards *gs, const struct applicant *who, bool claimed, struct err *err);
/*
 * callers.c: the same for those who come by SAs that another makes: what they have is judged anew,
 * and those who have no guard are looked for, soon.
 */
void callers_review(struct guards *gs, enum btns_reason code);
void callers_look_later(struct guards *gs, unsigned ms);
/* Does a listener want this guard, whether somebody uses it or not? */
bool callers_want(const struct guard *g);
/* Floors, rules or known_peers changed: what charon has, and what is up, is judged anew. */
void serve_review(struct guards *gs, enum btns_reason code); /* why, for what breaks by it */
void serve_review_later(struct guards *gs); /* from anywhere: nothing happens before it returns */
/* A peer came in who may not, or as he may not: he stays out, and is told. */
void serve_refuse(struct guard *mirror, enum btns_reason code, const char *why);

#endif
