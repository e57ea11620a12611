/* Guards: the SPD entries that tie one service between two addresses to one peer key, and their
 * life. */
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
#define GUARD_UNHEARD  64
#define GUARD_WHO      256
#define GUARD_HOW      128

#define SETTLE_AGAIN_MS 20

struct guard;
struct keying;
struct other_sources;
struct icmp_errors;
struct waiter;
struct latch;

/* What a guard's SAs have carried, as last looked at (keying/one_sided.h). */
struct traffic {
    uint64_t out, in; /* packets */
    unsigned looks;   /* at which packets went out, since one came in */
    unsigned vain;    /* times that the peer has proved its key */
    unsigned heard;   /* looks at which packets had come in since then */
};

struct guard {
    struct guard *next;
    struct guard **link; /* what points to it in the list */
    struct hash_link at_service, at_port, at_pair, at_key, at_reqid; /* search.c */
    struct hash_link at_peer; /* if it stands for all latched guards of its pair to its peer */
    bool stands_for;
    struct guards *all;
    enum guard_state state;
    bool mirror;                    /* the service is ours: the peer brings the SA up */
    struct btns_addr local, remote; /* port 0 */
    struct service service;         /* the remote one; a mirror's: ours */
    const struct keying *keying;    /* its key manager */
    struct key_source source;       /* the key manager's parameters, from the rule */
    uid_t uid;                      /* whose limits it comes under; a mirror's: root */
    bool counted;                   /* as uid's */
    bool queued;                    /* uid has too many exchanges: its own comes later */
    bool in_turns;                  /* counted among those that wait for that */
    const struct suite *asked;      /* at least this; a mirror's: NULL */
    const struct suite *suite;      /* what the SA has, or (private keys) must have */
    struct demand *demand;          /* required identity of the peer; owned; NULL: none */
    struct btns_key key;            /* set by guard_set_key() */
    bool has_key;
    bool certified;           /* the key was proved by a certificate */
    struct credential *cert;  /* the certificate; owned */
    struct credentials found; /* the certificates that were shown; `cert` is one of them */
    char who[GUARD_WHO];      /* the peer, by a manager that tells no keys; "" before */
    char how[GUARD_HOW];
    bool holds;     /* a non-blocking connect() relies on the kernel to hold its packets */
    bool held_out;  /* it held packets long enough */
    bool hold_more; /* it holds them longer, as the peer has answered */
    bool passing;   /* what it holds goes on in the clear when its entries are deleted */
    bool strict;    /* some of those may be packets that must not leave unprotected */
    unsigned hold_ms;
    bool refuses_all;   /* also what only prefers protection: another peer answers than the known */
    bool introduced;    /* the key was claimed in an introduction during this attempt */
    bool first_contact; /* its peer was not known before, and no program has been told yet */
    bool ever_up;   /* set by guard_set_latched(): latches were established, key and suite stay as
                       they are */
    bool wanted;    /* a client asked for the guard while it was closing */
    uint32_t reqid; /* set by guard_set_reqid(); 0: none */
    struct other_sources *others;    /* of its service, while its entries stand; a mirror's: NULL */
    struct icmp_errors *icmp_errors; /* of its peer, while its entries stand */
    bool orphan; /* while latches are listed: it has a connection that no program has any more */
    struct guard *beside, **beside_link; /* the next guard with the same `others` */
    enum spd_action spd;                 /* what its entries say now; SPD_ALLOW: there are none */
    uint32_t held;   /* reqid of a template without SPI that may have made larval states, or 0 */
    uint32_t spi;    /* that the outgoing template names; 0: none */
    uint32_t spi_in; /* that the incoming one names; 0: none */
    uint32_t
        hold_reqid; /* of no SA, for templates that only hold packets; 0: reqid is for it, too */
    uint32_t sa[GUARD_SAS];    /* outgoing SPIs in the SAD, newest last */
    uint32_t sa_in[GUARD_SAS]; /* the incoming ones that go with them, if templates name SPIs */
    size_t sas;
    uint32_t gone;                      /* the last SPI that left the SAD */
    struct ike_nat nat;                 /* as found when the SA was negotiated */
    struct btns_addr inner;             /* a peer's own address behind a NAT; family 0: not known */
    uint16_t encap_local, encap_remote; /* UDP ports of the newest SA; 0: not encapsulated */
    unsigned tries;                     /* exchanges that failed and are repeated */
    uint64_t tries_since;               /* ms, loop_now: when the first of them failed */
    enum btns_reason doubt;             /* with tries: the fault of the last of them */
    char doubt_text[BTNS_TEXT_MAX];     /* the same for a person */
    unsigned away;                      /* ms for which the key manager did not run */
    unsigned latches;                   /* number of latches */
    struct latch *holders;              /* list of its latches */
    struct waiter *waiters;
    struct ike_task *task;
    struct instant up_since;           /* its entries demand its key from then on; 0: not up */
    uint64_t last_used;                /* ms, loop_now */
    uint64_t settled;                  /* ms, loop_now: cached verdicts for datagrams ended; or 0 */
    struct timer retry, sweep, moment; /* moment: held_packets.c */
    struct timer neighbour;            /* looks whether the host is there: neighbour_watch.c */
    unsigned neighbour_ms;             /* until the next look */
    bool neighbour_asked;              /* the kernel has asked the link for it */
    uint64_t settling;                 /* a mark for settle() in guards_ops; 0: none */
    struct timer unanswered;           /* looks for connections without an answer: unanswered.c */
    struct ike_task *renewing;         /* proves the key anew, beside the SAs that are there */
    struct traffic traffic;
    uint64_t proof_began; /* ms, loop_now */
    unsigned proof_ms;    /* that the last proof took; 0: not known */
    bool probing;         /* `probe` is open: asks the host for UDP port 500 */
    struct watch probe;
    struct timer probe_again;
    unsigned refusals;          /* answers that nobody has that port, during this exchange */
    bool shield;                /* entries of PRIO_SHIELD stand */
    bool failing;               /* inside guard_fail() */
    bool broken;                /* failed, and not up again yet */
    enum btns_state told;       /* the state in the last event */
    enum btns_reason code;      /* why it failed */
    uint64_t failed;            /* ms, loop_now: when it failed last */
    char reason[BTNS_TEXT_MAX]; /* the same for a person */
};

struct guards_ops {
    /*
     * With *mark 0, cached verdicts end now. True, and *mark is 0: every request that relied on one
     * has been read. False: call it again after SETTLE_AGAIN_MS with the same mark.
     */
    bool (*settle)(void *arg, uint64_t *mark);
    /* A guard's state changed: tells its latches. */
    void (*changed)(void *arg, struct guard *g);
    /* A guard is about to be freed: drops references to it. */
    void (*freed)(void *arg, struct guard *g);
    /* Does a listener need this guard, whether a connection uses it or not? */
    bool (*wanted)(void *arg, const struct guard *g);
    /* A mirror guard was freed: there is room for another. */
    void (*gone)(void *arg);
    /* Ends what other users have latched to g, for root's program that asks for this suite. False:
     * that must not be done. May be NULL. */
    bool (*displace)(void *arg, struct guard *g, uid_t by, const char *suite);
    /* Nobody answered IKE at this address. May be NULL. */
    void (*silent)(void *arg, const struct btns_addr *remote, const char *why);
    /* Each of IKE's tries was in vain, or the host itself says that it has no IKE. May be NULL. */
    void (*absent)(void *arg, const struct btns_addr *remote);
    /* Somebody answers IKE there, but later than rules that prefer protection wait. May be NULL. */
    void (*slow)(void *arg, const struct btns_addr *remote);
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
    bool off; /* no latches at all */
    unsigned linger_ms;
    unsigned hold_ms; /* so long a guard holds packets at most for a peer that does not answer */
    struct spd_entry *foreign; /* entries of other programs with precedence over guards */
    size_t foreigners, foreign_room;
    struct sad_entry *orphan;
    size_t orphans, orphan_room;
    struct timer orphans_end, review, callers, resets, traffic;
    unsigned review_pause; /* ms before the next review of all peers, as the last one took time */
    struct fresh_sa {      /* new SAs that are not rekeys, reported by charon; a ring */
        uint32_t spi;      /* outgoing */
        struct ike_nat nat;
    } fresh[GUARD_FRESH];
    unsigned fresh_at;
    struct unheard_peer { /* introductions that no guard waits for (unheard_peer.c) */
        struct guards *all;
        struct btns_addr remote;
    } unheard[GUARD_UNHEARD];
    struct kept_out { /* refused callers that were logged; a ring */
        struct btns_addr local, remote;
        struct service service;
        uint64_t why; /* hash */
    } kept_out[GUARD_KEPT_OUT];
    unsigned kept_out_at;
    struct hash_table others, others_by_reqid; /* other_sources.c */
    struct other_sources *others_list;
    struct hash_table icmp_errors; /* icmp_errors.c */
    struct icmp_errors *icmp_errors_list;
    unsigned icmp_asks, icmp_children; /* requests that run; children that we asked for */
    struct own_addresses own;          /* this host's addresses, as last read */
    struct guard *list;
    struct hash_table by_service, by_port, by_pair, by_key, by_reqid, by_peer; /* search.c */
    unsigned count;
    struct count_by_user *users; /* what each asked for; NULL: that is not counted */
    struct count_by_user *turns; /* of these, the ones that wait for their turn (exchange_turn.h) */
};

#endif
