/*
 * Guards: each ties one service between two addresses to one peer key, by SPD entries. This is
 * their state.
 */
#ifndef BTNS_LATCH_GUARD_GUARD_H
#define BTNS_LATCH_GUARD_GUARD_H

#include "btnsd/base/hash_table.h"
#include "btnsd/base/instant.h"
#include "btnsd/events/events.h"
#include "btnsd/ike/keys/credential.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/machine.h"
#include "btnsd/latch/guard/past_guards.h"
#include "btnsd/latch/guard/reqid.h"
#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/own_addresses.h"
#include "btnsd/xfrm/snapshot.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/service.h"
#include "libapi/wire/wire.h"

#define GUARD_SAS      8
#define GUARD_FRESH    16
#define GUARD_KEPT_OUT 64
#define GUARD_DETACHED 64
#define GUARD_WHO      256
#define GUARD_HOW      128

#define SETTLE_AGAIN_MS 20

struct guard;
struct keying;
struct other_sources;
struct icmp_errors;
struct waiter;
struct latch;

/* The packet counters of a guard's SAs, as last read (keying/one_sided.h). */
struct traffic {
    uint64_t out, in; /* packets */
    unsigned looks;   /* readings with new outgoing packets, since an incoming one came */
    unsigned vain;    /* times that the peer was asked to prove its key for nothing */
    unsigned heard;   /* readings with new incoming packets since then */
    uint64_t sent;    /* packets since the last incoming one */
    unsigned silent;  /* readings since the first of these */
    unsigned refused; /* times since then that the peer has refused to prove its key */
    bool again;       /* it has just refused: it is asked again at the next reading */
};

/* Another key than the latched one, at the peer's address (keying/other_key.h). */
struct meetings {
    struct btns_key key;
    unsigned n;    /* times that it was met, since the latched peer was last heard or proved */
    uint64_t last; /* ms, loop_now */
};

struct guard {
    struct guard *next;
    struct guard **link; /* the pointer in the list that points to this guard */
    struct hash_link at_service, at_port, at_pair, at_key, at_reqid; /* search.c */
    struct hash_link at_peer; /* if it stands for all latched guards of its pair to its peer */
    bool stands_for;
    struct guards *all;
    enum guard_state state;
    bool mirror;                    /* the service is ours: the peer brings the SA up */
    struct btns_addr local, remote; /* port 0 */
    /*
     * In BEET mode local and remote are inner addresses, and these are where its packets are sent;
     * they change when the peer moves. Family 0: transport mode.
     */
    struct btns_addr outer_local, outer_remote;
    struct service service;      /* the remote one; a mirror's: ours */
    const struct keying *keying; /* its key manager */
    struct key_source source;    /* the key manager's parameters, from the rule */
    uid_t uid;                   /* the user whose limits apply to it; a mirror's: root */
    bool counted;                /* counted against uid's limits */
    bool queued;                 /* waits for its turn: uid has too many exchanges */
    bool in_turns;               /* counted among the guards that wait for their turn */
    const struct suite *asked;   /* the least suite that requests ask for; a mirror's: NULL */
    const struct suite *suite;   /* the suite that the SA has, or (private keys) must have */
    struct demand *demand;       /* required identity of the peer; owned; NULL: none */
    struct btns_key key;         /* set by guard_set_key() */
    bool has_key;
    bool certified;           /* the key was proved by a certificate */
    struct credential *cert;  /* the certificate; owned */
    struct credentials found; /* the certificates that the peer has shown; `cert` is one of them */
    char who[GUARD_WHO];      /* the peer's name, if its manager reports no keys; or "" */
    char how[GUARD_HOW];
    bool holds;     /* a non-blocking connect() relies on the kernel to hold its packets */
    bool held_out;  /* it has held packets for as long as it may */
    bool hold_more; /* it may hold them longer, because the peer has answered */
    bool passing;   /* held packets go on in the clear when the entries are deleted */
    bool strict;    /* some of the held packets may be ones that must not leave unprotected */
    unsigned hold_ms;
    /* Another peer than the known one answers: requests that only prefer protection fail, too. */
    bool refuses_all;
    bool introduced;    /* the key was claimed in an introduction during this attempt */
    bool first_contact; /* its peer was not known before, and no program has been told yet */
    /* Set by guard_set_latched(): latches were established, so key and suite stay as they are. */
    bool ever_up;
    bool wanted;                     /* a client asked for the guard while it was closing */
    uint32_t reqid;                  /* set by guard_set_reqid(); 0: none */
    struct other_sources *others;    /* of its service, while its entries stand; a mirror's: NULL */
    struct icmp_errors *icmp_errors; /* of its peer, while its entries stand */
    bool orphan; /* while latches are listed: it has a connection without a program */
    struct guard *beside, **beside_link; /* the next guard with the same `others` */
    enum spd_action spd; /* what its SPD entries do now; SPD_ALLOW: there are none */
    uint32_t held;   /* reqid of a template without SPI that may have made larval states, or 0 */
    uint32_t spi;    /* SPI in the outgoing template; 0: none */
    uint32_t spi_in; /* SPI in the incoming template; 0: none */
    uint32_t left_reqid;       /* left_sas.h; 0: none */
    uint32_t left_before;      /* left_reqid of the guard that it has replaced; 0: none */
    bool taken_over;           /* another guard has written its entries in place of this one's */
    uint32_t hold_reqid;       /* of no SA: for templates that only hold packets; 0: reqid */
    uint32_t sa[GUARD_SAS];    /* outgoing SPIs in the SAD, newest last */
    uint32_t sa_in[GUARD_SAS]; /* the matching incoming SPIs, if templates name SPIs */
    size_t sas;
    uint32_t gone;                      /* the last SPI that left the SAD */
    struct ike_nat nat;                 /* as found when the SA was negotiated */
    struct btns_addr inner;             /* a peer's own address behind a NAT; family 0: not known */
    uint16_t encap_local, encap_remote; /* UDP ports of the newest SA; 0: not encapsulated */
    unsigned tries;                     /* failed exchanges in a row that were repeated */
    uint64_t tries_since;               /* ms, loop_now: when the first of them failed */
    enum btns_reason doubt;             /* with tries: why the last of them failed */
    char doubt_text[BTNS_TEXT_MAX];     /* the same for a person */
    unsigned away;                      /* ms for which the key manager did not run */
    unsigned latches;                   /* number of latches */
    struct latch *holders;              /* list of its latches */
    struct waiter *waiters;
    struct ike_task *task;
    struct instant up_since;           /* since then its entries demand its key; 0: not up */
    uint64_t last_used;                /* ms, loop_now */
    uint64_t told_held;                /* ms, loop_now: a program was last told that it may send */
    uint64_t settled;                  /* ms, loop_now: cached verdicts for datagrams ended; or 0 */
    struct timer retry, sweep, moment; /* moment: held_packets.c */
    struct timer move;                 /* BEET: until its SA, which was deleted, counts as lost */
    struct timer neighbour;            /* next look whether the host is there: neighbour_watch.c */
    unsigned neighbour_ms;             /* interval until the next look */
    bool neighbour_asked;              /* the kernel has asked for the host on the link */
    uint64_t settling;                 /* a mark for settle() in guards_ops; 0: none */
    struct timer unanswered;   /* next look for connections without an answer: unanswered.c */
    struct ike_task *renewing; /* has the peer prove its key anew, beside the present SAs */
    uint64_t refused;          /* ms, loop_now: when the peer last refused that; or 0 */
    struct traffic traffic;
    uint64_t proof_began; /* ms, loop_now */
    unsigned proof_ms;    /* how long the last proof took; 0: not known */
    bool probing;         /* `probe` is open: it asks whether the host has UDP port 500 */
    struct watch probe;
    struct timer probe_again;
    unsigned refusals;     /* answers during this exchange that nobody listens at UDP port 500 */
    bool shield;           /* its entries of PRIO_SHIELD are written */
    bool failing;          /* inside guard_fail() */
    bool broken;           /* failed, and not up again since */
    uint64_t probed;       /* when its waiting connections were probed last; 0: never */
    struct meetings met;   /* with another key at the peer's address */
    bool replaced;         /* that key is the peer's now (keying/other_key.h); not up since */
    enum btns_state told;  /* the state in the last event */
    enum btns_reason code; /* why it failed */
    uint64_t failed;       /* ms, loop_now: when it failed last */
    char reason[BTNS_TEXT_MAX]; /* the same for a person */
};

static inline bool guard_is_beet(const struct guard *g)
{
    return g->outer_remote.family != 0;
}

struct guards_ops {
    /*
     * With *mark 0, cached verdicts end now. True, and *mark is 0: every request that relied on one
     * has been read. False: call it again after SETTLE_AGAIN_MS with the same mark.
     */
    bool (*settle)(void *arg, uint64_t *mark);
    /* A guard's state has changed: tells its latches. */
    void (*changed)(void *arg, struct guard *g);
    /* A guard is about to be freed: drops references to it. */
    void (*freed)(void *arg, struct guard *g);
    /* Does a listener need this guard, whether a connection uses it or not? */
    bool (*wanted)(void *arg, const struct guard *g);
    /* A mirror guard was freed: there is room for another. */
    void (*gone)(void *arg);
    /*
     * Ends what other users have latched to g, for a program of root's that asks for this suite.
     * False: it must not be ended. May be NULL.
     */
    bool (*displace)(void *arg, struct guard *g, uid_t by, const char *suite);
    /* Nobody answered IKE at this address. May be NULL. */
    void (*silent)(void *arg, const struct btns_addr *remote, const char *why);
    /*
     * IKE's tries were all without an answer, or the host itself says that it has no IKE. May be
     * NULL.
     */
    void (*absent)(void *arg, const struct btns_addr *remote);
    /* The host answers IKE, but later than rules that prefer protection wait. May be NULL. */
    void (*slow)(void *arg, const struct btns_addr *remote);
    /*
     * The peer has SAs again that it may have lost: it can answer what connections sent meanwhile.
     * May be NULL.
     */
    void (*restored)(void *arg, struct guard *g);
    /*
     * g has failed, and another key than the latched one is at its peer's address: called once a
     * second, for its connections wait one after the other. May be NULL.
     */
    void (*deserted)(void *arg, struct guard *g);
};

/* All guards, and the parts of btnsd that they use (borrowed). */
struct guards {
    struct loop *loop;
    struct xfrm *xfrm;
    struct sockdiag *sockets, *datagrams; /* of TCP, of UDP */
    struct ike *ike;
    struct system_ike *system;
    struct peers *peers;
    const struct hostkey *host;
    const struct rules *const *rules; /* in force; rules about addresses are part of the PAD, too */
    struct floors *floors;
    struct pairs pairs;
    const char *certificates; /* directory of latched certificates; NULL: a restart loses them */
    const struct keying *const *keying; /* the key managers, by enum keys */
    const struct guards_ops *ops;
    char away[BTNS_TEXT_MAX]; /* why the private key manager cannot be started, or "" */
    void *arg;
    struct events *events;
    struct past_guards past;
    bool off;               /* no latches at all */
    struct btns_addr inner; /* this host's inner address; family 0: BEET mode is off */
    unsigned linger_ms;
    unsigned hold_ms; /* longest time that a guard holds packets for a peer that does not answer */
    struct spd_entry *foreign; /* entries of other programs with precedence over guards */
    size_t foreigners, foreign_room;
    struct sad_entry *orphan;
    size_t orphans, orphan_room;
    struct timer orphans_end, review, callers, resets, traffic, unowned;
    unsigned review_pause; /* ms before the next review of all peers; long after a slow one */
    struct fresh_sa {      /* new SAs that are not rekeys, reported by charon; a ring */
        uint32_t spi;      /* outgoing */
        struct ike_nat nat;
    } fresh[GUARD_FRESH];
    unsigned fresh_at;
    /* Introductions that go on without a guard (detached_introduction.c). */
    struct detached_introduction {
        struct guards *all;
        struct btns_addr remote;
    } detached[GUARD_DETACHED];
    struct kept_out { /* refused callers that were logged; a ring */
        struct btns_addr local, remote;
        struct service service;
        uint64_t why; /* hash of the reason */
    } kept_out[GUARD_KEPT_OUT];
    unsigned kept_out_at;
    struct hash_table others, others_by_reqid; /* other_sources.c */
    struct other_sources *others_list;
    struct hash_table icmp_errors; /* icmp_errors.c */
    struct icmp_errors *icmp_errors_list;
    struct late_send *late; /* late_sends.c; the oldest */
    unsigned late_count;
    unsigned icmp_asks, icmp_children; /* requests that run; children that we asked for */
    struct own_addresses own;          /* this host's addresses, as last read */
    struct guard *list;
    struct hash_table by_service, by_port, by_pair, by_key, by_reqid, by_peer; /* search.c */
    unsigned count;
    struct count_by_user *users; /* number of guards that each user asked for; NULL: not counted */
    struct count_by_user *turns; /* of these, the ones that wait for their turn (exchange_turn.h) */
};

#endif
