/* Messages about latches: their states, reasons and SAs; and the events that a client watches. */
#ifndef BTNS_LIBAPI_WIRE_LATCHES_H
#define BTNS_LIBAPI_WIRE_LATCHES_H

#include "libapi/wire/addr.h"
#include "libapi/wire/header.h"

/*
 * States of section 2 of draft-ietf-btns-connection-latching-02. -08 (section 2.1) distinguishes
 * two kinds of Failed: a BROKEN latch recovers when the cause goes away, a CLOSED one never does.
 */
enum btns_state {
    BTNS_S_LISTENER = 1,
    BTNS_S_LARVAL,
    BTNS_S_ESTABLISHED,
    BTNS_S_FAILED,      /* -08: BROKEN */
    BTNS_S_UNPROTECTED, /* not a latch: a flow in the clear, as `prefer` allows */
    BTNS_S_CLOSED,      /* Failed for good */
    BTNS_STATES,
    /* only in the list of latches: a guard without a latch that still occupies its flow */
    BTNS_S_LINGERING = BTNS_STATES,
};

/* Why a latch is broken, closed or unprotected, and why a request was refused. */
enum btns_reason {
    BTNS_R_NONE,
    BTNS_R_IDENTITY,   /* the peer claims another key, or did not prove the expected one */
    BTNS_R_WEAKER,     /* the SA is weaker than what is latched or asked for */
    BTNS_R_OVERRIDDEN, /* another program's SPD entry comes before btnsd's */
    BTNS_R_PEER_GONE,  /* no IKE daemon answers at the peer (any more) */
    BTNS_R_MANAGER,    /* btnsd's own key manager is not running */
    BTNS_R_RULE,       /* the rules in force do not allow it (any more) */
    BTNS_R_CONFLICT,   /* another latch conflicts with it (latching -02, section 2.1) */
    BTNS_R_NO_LATCH,   /* no latch to that peer or address may be made */
    BTNS_R_OFF,        /* latching is switched off */
    BTNS_R_RESTARTED,  /* btnsd was restarted, and does not know which program has the connection */
    BTNS_R_RESOURCES,  /* the kernel or btnsd was out of resources, or refused */
    BTNS_R_UNPROTECTED, /* the peer did not ask for protection, or none is available */
    BTNS_R_ENDED,       /* the program or its connection has ended */
    BTNS_R_BYPASSED,    /* a privileged user chose to send in the clear */
    BTNS_R_REVOKED,     /* the administrator has revoked the peer's key */
    BTNS_REASONS,
};

/* struct btns_latch_msg.nat: which end's address is translated on the way (L10). */
#define BTNS_NAT_LOCAL  0x1u
#define BTNS_NAT_REMOTE 0x2u

#define BTNS_LATCH_SAS 8
#define BTNS_SA_OUT    0x1u
#define BTNS_SA_USED   0x2u /* of the outgoing SAs, the one that new packets use */

/* An SA that carries the latch's service (latching -02, section 2.2). */
struct btns_latch_sa {
    uint32_t spi; /* host order; 0: the list ends here */
    uint32_t flags;
    uint64_t packets, octets; /* so far, for all connections to that service */
};

/* How a peer was authenticated. */
enum btns_auth {
    BTNS_A_NONE,        /* not authenticated, or not yet */
    BTNS_A_LEAP,        /* its key was proved, and was accepted on first contact */
    BTNS_A_PINNED,      /* its key was proved, and the administrator had put it into known_peers */
    BTNS_A_NAMED,       /* its key was proved, and a rule names it */
    BTNS_A_CERTIFICATE, /* the key of a certificate of the authority that a rule names */
    BTNS_AUTHS,
};
#define BTNS_SUBJECT_MAX 256 /* NUL-terminated */

struct btns_latch_msg {
    struct btns_hdr hdr;
    uint32_t state; /* enum btns_state */
    uint32_t pid;   /* 0: not known (the program is not under btns-run) */
    uint32_t uid;
    uint32_t protocol;
    uint32_t reqid;
    uint32_t spi_out; /* host order; 0: none */
    uint64_t cookie;
    uint64_t age; /* seconds */
    struct btns_addr local;
    struct btns_addr remote; /* family 0: the latch is a listener's */
    uint8_t has_key;
    uint8_t pad[7];
    uint8_t key[32];
    char program[BTNS_NAME_MAX];
    char suite[BTNS_NAME_MAX];
    char rule[BTNS_TEXT_MAX];   /* "name (file:line)" */
    char reason[BTNS_TEXT_MAX]; /* FAILED, CLOSED and UNPROTECTED: why */
    uint32_t code;              /* enum btns_reason, for .reason */
    uint32_t pad2;
    uint32_t nat;         /* BTNS_NAT_* */
    uint16_t encap_local; /* UDP ports of UDP-encapsulated ESP; 0: ESP is not encapsulated */
    uint16_t encap_remote;
    struct btns_addr inner;   /* BTNS_NAT_REMOTE: the peer's own address; family 0: not known */
    char keys[BTNS_NAME_MAX]; /* the key manager: "private", "system", "manual"; "": none */
    char peer[256];  /* the peer's name according to a manager without keys, once latched */
    char proof[128]; /* how that manager authenticated the peer, or that it did not */
    struct btns_latch_sa sa[BTNS_LATCH_SAS];
    uint32_t auth;   /* enum btns_auth: how the peer was authenticated (L9) */
    uint32_t hashed; /* 0: .key is an Ed25519 key; 1: it is the SHA-256 of a certificate's key */
    char name[BTNS_NAME_MAX];         /* the key's name in known_peers; "": none */
    char subject[BTNS_SUBJECT_MAX];   /* CERTIFICATE: its subject, for a person */
    char authority[BTNS_SUBJECT_MAX]; /* CERTIFICATE: the trust anchor's file */
};

/* What BTNS_REP_EVENT reports. */
enum btns_event_kind {
    BTNS_E_WATCHING = 1, /* the first event: from now on every event is sent */
    BTNS_E_LOST,         /* .count events are missing, because the client did not read */
    BTNS_E_CREATED,      /* a latch: Listener, Larval, or what .state says */
    BTNS_E_ESTABLISHED,
    BTNS_E_BROKEN,
    BTNS_E_RECOVERED,
    BTNS_E_CLOSED,
    BTNS_E_UNPROTECTED,   /* a flow goes in the clear, as a rule or the program allows */
    BTNS_E_PEER_NEW,      /* a key was proved at this address for the first time */
    BTNS_E_PEER_REFUSED,  /* a peer with a changed key, or one that is not admitted, was refused */
    BTNS_E_RULES,         /* a generation of rules came into force; .count: which */
    BTNS_E_RULES_REFUSED, /* a generation was refused */
    BTNS_E_MANAGER_LOST,
    BTNS_E_MANAGER_BACK,
    BTNS_E_RESYNC, /* the kernel reported too much at once: btnsd has read all state again */
    BTNS_EVENTS,
};

#define BTNS_WATCHES_MAX 256 /* sockets that one connection may watch */

/*
 * Cookie 0: all events that are not about a latch, and those about latches of the caller's own
 * processes (root: of all). Another cookie: only the latch of that socket, if the caller owns it;
 * further requests add further sockets.
 */
struct btns_watch {
    struct btns_hdr hdr;
    uint64_t cookie;
};

struct btns_event_msg {
    struct btns_hdr hdr;
    uint32_t kind;   /* enum btns_event_kind */
    uint32_t reason; /* enum btns_reason */
    uint32_t state;  /* enum btns_state: the latch's new state; 0: the event is not about a latch */
    uint32_t pid;    /* 0: not known */
    uint32_t uid;
    uint32_t pad;
    uint64_t cookie; /* 0: the event is about a service, not about a program's latch */
    uint64_t time;   /* seconds since 1970 */
    uint64_t count;  /* LOST: how many; RULES: the generation */
    struct btns_addr local, remote; /* for a service: its port at the serving end */
    uint8_t has_key;
    uint8_t hashed; /* as in struct btns_latch_msg */
    uint8_t pad2[6];
    uint8_t key[32];
    char program[BTNS_NAME_MAX];
    char suite[BTNS_NAME_MAX];
    char rule[BTNS_TEXT_MAX];
    char text[BTNS_TEXT_MAX]; /* the reason, for a person */
};

#endif
