/* Guards: the SPD entries that tie one service between two addresses to one peer key, and their
 * life. */
#ifndef BTNS_GUARD_H
#define BTNS_GUARD_H

#include "btnsd/events/events.h"
#include "btnsd/ike/keys/credential.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/machine.h"
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
#define GUARD_WHO      256
#define GUARD_HOW      128

#define OTHER_SOURCES_BUCKETS 256

struct guard;
struct keying;
struct other_sources;
struct waiter;
struct latch;

struct guard {
    struct guard *next;
    struct guards *all;
    enum guard_state state;
    bool mirror;                    /* the service is ours: the peer brings the SA up */
    struct btns_addr local, remote; /* port 0 */
    struct service service;         /* the remote one; a mirror's: ours */
    const struct keying *keying;    /* who gets its SAs */
    struct key_source source;       /* what that needs to know */
    const struct suite *asked;      /* at least this; a mirror's: NULL */
    const struct suite *suite;      /* what the SA has, or (private keys) must have */
    struct demand *demand;          /* whom it must be; owned; NULL: nothing is asked */
    struct btns_key key;
    bool has_key;
    bool certified;           /* the key was proved by a certificate */
    struct credential *cert;  /* that one; owned */
    struct credentials found; /* one of which it is */
    char who[GUARD_WHO];      /* the peer, by a manager that tells no keys; "" before */
    char how[GUARD_HOW];
    bool holds;      /* a non-blocking connect() relies on the kernel to hold its packets */
    bool introduced; /* the key was claimed in an introduction during this attempt */
    bool ever_up;    /* latches were established: key and suite stay as they are */
    bool wanted;     /* asked for while closing */
    uint32_t reqid;
    struct other_sources *others; /* of its service, while its entries stand; a mirror's: NULL */
    enum spd_action spd;          /* what its entries say now; SPD_ALLOW: there are none */
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
    /* A guard's state changed: those who hold it are told. */
    void (*changed)(void *arg, struct guard *g);
    /* A guard is about to be freed: forget it. */
    void (*freed)(void *arg, struct guard *g);
    /* Does a listener want this guard, whether somebody uses it or not? */
    bool (*wanted)(void *arg, const struct guard *g);
    /* A guard of a peer that called is gone: there is room for another. */
    void (*gone)(void *arg);
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
    const struct keying *const *keying; /* the key managers, by enum keys */
    const struct guards_ops *ops;
    char away[BTNS_TEXT_MAX]; /* why the private key manager cannot be started, or "" */
    void *arg;
    struct events *events;
    bool off; /* no latches at all */
    unsigned linger_ms;
    struct spd_entry *foreign; /* that stand above guards */
    size_t foreigners, foreign_room;
    struct sad_entry *orphan;
    size_t orphans, orphan_room;
    struct timer orphans_end, review, callers;
    struct fresh_sa { /* of new exchanges, as charon told; a ring */
        uint32_t spi; /* outgoing */
        struct ike_nat nat;
    } fresh[GUARD_FRESH];
    unsigned fresh_at;
    struct kept_out { /* callers of whom it was told; a ring */
        struct btns_addr local, remote;
        struct service service;
        uint64_t why; /* hash */
    } kept_out[GUARD_KEPT_OUT];
    unsigned kept_out_at;
    struct other_sources *others[OTHER_SOURCES_BUCKETS];
    struct own_addresses own; /* this host's, as the kernel last told */
    struct guard *list;
    unsigned count;
};

#endif
