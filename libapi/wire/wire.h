/* The private protocol between btnsd and its clients (shim, btns-run, btnsctl): see PROTOCOL.md. */
#ifndef BTNS_LIBAPI_WIRE_WIRE_H
#define BTNS_LIBAPI_WIRE_WIRE_H

#include "libapi/wire/addr.h"

#include <stdint.h>

/*
 * AF_UNIX SOCK_SEQPACKET, one message a packet, host byte order (both ends are on one host), fixed
 * layouts without padding. Every message starts with struct btns_hdr. btnsd refuses a message whose
 * length is not exactly that of its type, or whose version differs, and closes the connection.
 */
#define BTNS_SOCKET       "/run/btns/btnsd.sock"
#define BTNS_WIRE_VERSION 1
#define BTNS_TEXT_MAX     512  /* a reason, NUL-terminated */
#define BTNS_WRONG_MAX    2048 /* several, a line each */
#define BTNS_NAME_MAX     64   /* a rule, suite or program name, NUL-terminated */
#define BTNS_PATH_MAX     1024 /* a path, NUL-terminated */
#define BTNS_WORDS_MAX    208  /* a policy's sentence for people, NUL-terminated */
#define BTNS_POLICY_MAX   65536
#define BTNS_MSG_MAX      (BTNS_POLICY_MAX + 64)

enum btns_type {
    /* requests of a program's shim */
    BTNS_REQ_CONNECT = 1, /* struct btns_flow, socket attached; answered by BTNS_REP_VERDICT */
    BTNS_REQ_LISTEN,      /* struct btns_flow, socket attached; answered by BTNS_REP_VERDICT */
    BTNS_MSG_CONNECTING,  /* struct btns_flow, one way: a warm connect() is about to be made */
    BTNS_MSG_ACCEPTED,    /* struct btns_flow, one way: accept() returned this connection */
    BTNS_REQ_WHY, /* struct btns_flow: why a connect() failed that was allowed; BTNS_REP_VERDICT */
    /* requests of commands that people run */
    BTNS_REQ_EXPLAIN, /* struct btns_explain; answered by BTNS_REP_VERDICT; changes nothing */
    BTNS_REQ_POLICY,  /* struct btns_hdr, then the policy's text; answered by BTNS_REP_POLICY */
    BTNS_REQ_STATUS,  /* struct btns_hdr; answered by BTNS_REP_STATUS */
    BTNS_REQ_LATCHES, /* struct btns_hdr; answered by any number of BTNS_REP_LATCH, BTNS_REP_END */
    BTNS_REQ_PEERS,   /* struct btns_hdr; answered by any number of BTNS_REP_PEER, BTNS_REP_END */
    BTNS_REQ_RELOAD,  /* struct btns_hdr; answered by BTNS_REP_END; root only */
    BTNS_REQ_FORGET,  /* struct btns_forget; answered by BTNS_REP_END; root only */
    BTNS_REQ_CANDIDATES, /* struct btns_candidates; answered by any number of BTNS_REP_CANDIDATE,
                            then BTNS_REP_VERDICT; or BTNS_REP_END: refused; changes nothing */
    BTNS_REQ_WATCH,      /* struct btns_watch; answered by BTNS_REP_EVENTs until it closes */
    BTNS_REQ_TRY, /* struct btns_try, socket attached: BTNS_REQ_CONNECT as if another program asked;
                     root only; answered by BTNS_REP_VERDICT */
    BTNS_REQ_NOLATCH,       /* struct btns_nolatch; answered by BTNS_REP_END; root only */
    BTNS_REQ_POLICY_ADD,    /* struct btns_policy_add, then the policy's text; BTNS_REP_END */
    BTNS_REQ_POLICY_REMOVE, /* struct btns_policy_name; answered by BTNS_REP_END */
    BTNS_REQ_POLICY_BLOCK,  /* struct btns_policy_name; answered by BTNS_REP_END */
    BTNS_REQ_POLICY_LIST,   /* struct btns_policy_name (no name); answered by any number of
                               BTNS_REP_POLICY_ITEM, BTNS_REP_END */
    BTNS_REQ_PIN,           /* struct btns_pin; answered by BTNS_REP_END; root only */
    BTNS_REQ_ACCEPTED,      /* struct btns_flow, socket attached: may a connection be accepted that
                               came in before its listener had a verdict? BTNS_REP_VERDICT */
    BTNS_MSG_RING,          /* struct btns_hdr, a struct btns_ring attached, one way: the sender's
                               one-way messages may come by it from now on */
    BTNS_REQ_SPEAK,         /* struct btns_hdr, a pidfd attached: what follows on this connection is
                               asked in the name of that process; answered by BTNS_REP_END */
    BTNS_MSG_CHANNEL,       /* struct btns_hdr, one end of a pair of connected sockets attached, one
                               way: the sender's other end is a connection like one to the path */
    BTNS_REQ_IMPORT,        /* struct btns_import, a sealed memfd with known_peers' lines attached;
                               answered by BTNS_REP_END, whose text says what was added; root only */
    BTNS_REQ_KEYSCAN,       /* struct btns_keyscan; answered by BTNS_REP_END, whose text is the key
                               that the host claims; root only */
    BTNS_REQ_ROTATE,        /* struct btns_hdr; answered by BTNS_REP_END, whose text says the new
                               host key; root only */
    BTNS_REQ_LAST = BTNS_REQ_ROTATE,

    /* requests of libbtns, which stay as they are: a header, then attributes (attrs.h). Each comes
       with a socket, and is answered by BTNS_API_ANSWER. PROTOCOL.md says what they carry. */
    BTNS_API_SET_POLICY = 32, /* what the program asks for on this socket */
    BTNS_API_SET_PEER,        /* who alone may be at its other end */
    BTNS_API_GET_POLICY,
    BTNS_API_CONNECT, /* before connect() of a socket that one of the first two was about */
    BTNS_API_LISTEN,  /* likewise before listen() */
    BTNS_API_INQUIRE, /* what is this socket latched to? */
    BTNS_API_WATCH,   /* BTNS_API_EVENTs until it closes */
    BTNS_API_LAST = BTNS_API_WATCH,

    BTNS_REP_VERDICT = 64,
    BTNS_REP_POLICY,
    BTNS_REP_STATUS,
    BTNS_REP_LATCH,
    BTNS_REP_PEER,
    BTNS_REP_END,
    BTNS_REP_CANDIDATE,
    BTNS_REP_EVENT,
    BTNS_REP_POLICY_ITEM,

    BTNS_API_ANSWER = 96,
    BTNS_API_EVENT,
};

/* btnsd's bits in the mark of a socket with a policy of its own: it is shut, or limited. */
#define BTNS_POLICY_MARKS 0xc000u

struct btns_hdr {
    uint16_t version; /* BTNS_WIRE_VERSION; of BTNS_API_*: BTNS_API_VERSION (attrs.h) */
    uint16_t type;    /* enum btns_type */
    uint32_t id;      /* chosen by the client, echoed in every answer */
};

/* Flags of struct btns_flow and struct btns_explain. */
#define BTNS_F_NONBLOCK                                                                            \
    0x1u /* the socket is non-blocking: answer at once; the kernel holds the SYN */
#define BTNS_F_REQUIRE 0x2u /* btns-run --require: protect or fail, whatever the rule allows */
#define BTNS_F_PREFER                                                                              \
    0x4u /* btns-run --prefer: go clear rather than fail, where a rule may be weakened */
#define BTNS_F_PAGE   0x8u  /* send a descriptor of the epoch page with the answer */
#define BTNS_F_ACCEPT 0x10u /* explain: ask about the accept side */
#define BTNS_F_BYPASS 0x20u /* btns-run --bypass: go clear, unless a rule discards; privileged */
/* with BTNS_F_BYPASS: the program sets its socket's policy itself, if the kernel lets it */
#define BTNS_F_OWN_POLICY 0x40u
/* CONNECT: a datagram is about to be sent to .remote by a socket that stays as it is, connected to
 * another address or to none */
#define BTNS_F_SENDS 0x80u

struct btns_flow {
    struct btns_hdr hdr;
    uint32_t flags;
    uint16_t protocol;       /* IPPROTO_TCP */
    uint16_t fd_plus_1;      /* where the sender has the socket, to find it again; 0: not told */
    uint64_t cookie;         /* SO_COOKIE of the socket */
    uint64_t policy;         /* handle from BTNS_REP_POLICY, or 0 */
    struct btns_addr local;  /* family 0: not known yet */
    struct btns_addr remote; /* family 0: none (LISTEN) */
};

struct btns_explain {
    struct btns_hdr hdr;
    uint32_t flags;
    uint32_t protocol;
    uint64_t policy;
    struct btns_addr remote; /* with BTNS_F_ACCEPT: the local address and port */
    char program[BTNS_PATH_MAX];
};

/* `btnsctl verify` connects as the program that a rule is about. */
struct btns_try {
    struct btns_flow flow;
    char program[BTNS_PATH_MAX];
};

#define BTNS_UID_OWN        UINT32_MAX /* the caller's own */
#define BTNS_EXPLAIN_GROUPS 1024

struct btns_candidates {
    struct btns_explain question;
    uint32_t uid;  /* decide for this user's processes; another user's only for root */
    uint32_t gids; /* number of its groups, unless uid is BTNS_UID_OWN */
    uint32_t gid[BTNS_EXPLAIN_GROUPS];
    char cgroup[BTNS_PATH_MAX]; /* its cgroup; "": the caller's; another user's: unknown */
};

#define BTNS_CANDIDATES_MAX 128 /* records in one answer */

/*
 * A rule that could have decided: first the program's own rules in their order, then those of other
 * programs.
 */
struct btns_candidate_msg {
    struct btns_hdr hdr;
    uint32_t wins;   /* 1: it decides, or is part of a listener's floor */
    uint32_t misses; /* the conditions that fail, MISS_* of rules.h */
    uint32_t total;  /* number of such rules; only BTNS_CANDIDATES_MAX of them are sent */
    uint32_t line;
    uint32_t timeout_ms; /* the time limit of the profile or of the rule; 0: none */
    uint32_t lifetime;   /* the SA's lifetime in the profile, seconds; 0: none */
    char rule[BTNS_NAME_MAX];
    char program[BTNS_NAME_MAX]; /* the section's name */
    char file[256];
    char author[BTNS_NAME_MAX];
    char rank[BTNS_NAME_MAX]; /* the author's rank: rank_name() of rules.h */
    char action[BTNS_NAME_MAX];
    char profile[BTNS_NAME_MAX]; /* "": none */
    char suite[BTNS_NAME_MAX];
    char identity[BTNS_NAME_MAX];
    char why[BTNS_TEXT_MAX];
    char vendor[BTNS_WORDS_MAX]; /* the profile's owner and purpose; "": not given */
    char description[BTNS_WORDS_MAX];
};

enum btns_verdict {
    BTNS_V_CLEAR = 1, /* no rule, or bypass: go on as without btns */
    BTNS_V_PROTECTED, /* latched, or (non-blocking) being latched while the kernel holds the SYN */
    BTNS_V_UNPROTECTED, /* `prefer`, and no protection is available: go on, and say so once */
    BTNS_V_DENIED,      /* fail the call with .error */
};

#define BTNS_VF_CACHE  0x1u /* may be reused for the same destination while the epoch lasts */
#define BTNS_VF_LARVAL 0x2u /* not decided yet: the outcome follows on the same connection */
/* the program has to set its socket's policy (CONNECT), or to see that it could (LISTEN) */
#define BTNS_VF_OWN_POLICY 0x4u
/* this host may send the connection elsewhere, where it is stopped: a person is told once */
#define BTNS_VF_TRANSLATES 0x8u
/* the peer was met for the first time: .text has a second line, for a person */
#define BTNS_VF_FIRST_CONTACT 0x10u

/*
 * The outcome of a request: a refusal says whether the service is unknown or not allowed (RFC 3838,
 * section 5.3).
 */
enum btns_outcome {
    BTNS_O_DONE = 1,
    BTNS_O_UNKNOWN, /* there is no such service: profile, policy or rule */
    BTNS_O_DENIED,  /* a policy forbids it, or the requestor may not ask for it */
    BTNS_O_FAILED,  /* neither: the request failed */
    BTNS_OUTCOMES,
};

#define BTNS_SERVICE_MAX 136

/* Part of answers: who made the request, which request, for which service, and its outcome. */
struct btns_about {
    uint32_t requestor;             /* the uid that sent the request, from the kernel */
    uint16_t request;               /* enum btns_type */
    uint16_t outcome;               /* enum btns_outcome */
    char service[BTNS_SERVICE_MAX]; /* a profile, or the name that a command gives; "": none */
};

struct btns_verdict_msg {
    struct btns_hdr hdr;
    uint32_t verdict; /* enum btns_verdict */
    uint32_t error;   /* errno for BTNS_V_DENIED, else 0 */
    uint32_t flags;   /* BTNS_VF_* */
    uint32_t pad;
    uint64_t cookie;          /* the cookie of the socket that the request was about */
    uint64_t epoch;           /* the epoch in which this verdict was made */
    char text[BTNS_TEXT_MAX]; /* the reason: peer, rule (file:line), what to do */
    struct btns_about about;
};

/*
 * The epoch page: one page of shared memory, read-only for clients. A cached verdict holds while
 * `epoch` is the value that it was made with; 0: no cached verdict holds. A client that relies on
 * one first sends BTNS_MSG_CONNECTING, then compares the epoch. btnsd first moves the epoch, then
 * reads every waiting message, and only then takes a guard away.
 */
struct btns_page {
    uint64_t epoch;
    uint64_t btnsd; /* which btnsd it is: a random number, never 0 */
    /* a robust futex of btnsd's, held as long as btnsd runs: the kernel clears its thread id when
       btnsd dies */
    uint32_t owner;
    uint32_t rest[19]; /* of the lock */
};

#define BTNS_PAGE_OWNER 0x3fffffffu /* FUTEX_TID_MASK: these bits of .owner are 0: no btnsd */

/*
 * One-way messages in memory that a program shares with btnsd, so that a warm connect() needs no
 * system call to announce itself. Both ends write to it, and neither believes in it: a message
 * found here counts as much as one sent over the link that the ring was offered on, by the process
 * that offered it (PROTOCOL.md).
 */
enum btns_slot_state {
    BTNS_SLOT_FREE,
    BTNS_SLOT_BUSY, /* somebody writes it, or reads it */
    BTNS_SLOT_FULL, /* for btnsd; the writer may take it back */
};

struct btns_slot {
    uint64_t state; /* enum btns_slot_state */
    uint64_t pad;
    struct btns_flow flow; /* CONNECTING or ACCEPTED */
};

#define BTNS_RING_SLOTS 340
#define BTNS_RING_SIZE  32768 /* of the file: whole pages */
#define BTNS_RING_SEALS 0x7   /* F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW: it cannot be cut */

struct btns_ring {
    uint64_t
        reader;    /* the number of the btnsd that looks into it now; 0: none does, send instead */
    uint64_t next; /* counts up: where the next writer looks for a free slot */
    uint64_t pad[14];
    struct btns_slot slot[BTNS_RING_SLOTS];
};

struct btns_policy_msg {
    struct btns_hdr hdr;
    uint32_t error; /* 0, or an errno: .text says file:line and why */
    uint32_t pad;
    uint64_t policy; /* handle for struct btns_flow.policy, for the submitting user's processes */
    char text[BTNS_TEXT_MAX];
    struct btns_about about;
};

/* Adds a policy of the sender, which is kept until it is removed. */
struct btns_policy_add {
    struct btns_hdr hdr;
    char name[BTNS_NAME_MAX];
};

enum btns_policy_what {
    BTNS_POLICY_THIS, /* remove, list: the user's policy of that name */
    BTNS_POLICY_BLOCK,
    BTNS_POLICY_UNBLOCK,
    BTNS_POLICY_BLOCK_ALL,
    BTNS_POLICY_UNBLOCK_ALL,
    BTNS_POLICY_EVERYBODY, /* list: all users'; only for root */
};

struct btns_policy_name {
    struct btns_hdr hdr;
    uint32_t what;  /* enum btns_policy_what */
    uint32_t uid;   /* the policy's owner: BTNS_UID_OWN; another user's only for root */
    char name[136]; /* of a policy; to block: PROGRAM/RULE */
};

enum btns_policy_kind {
    BTNS_POLICY_IS_TEXT = 1,
    BTNS_POLICY_IS_BLOCK,
    BTNS_POLICY_IS_BLOCK_ALL,
    BTNS_POLICY_IS_BROKEN,  /* the stored policies cannot be used: name says why */
    BTNS_POLICY_IS_SERVICE, /* a profile with an owner or a purpose */
};

struct btns_policy_item {
    struct btns_hdr hdr;
    uint32_t kind; /* enum btns_policy_kind */
    uint32_t uid;
    uint32_t rules;
    uint32_t octets;
    uint8_t hash[32]; /* SHA-256 of a text */
    char name[264];
    char vendor[BTNS_WORDS_MAX]; /* of a service */
    char description[BTNS_WORDS_MAX];
};

struct btns_end_msg {
    struct btns_hdr hdr;
    uint32_t error; /* 0, or an errno: .text says why */
    uint32_t pad;
    char text[BTNS_TEXT_MAX];
    struct btns_about about;
};

struct btns_forget {
    struct btns_hdr hdr;
    struct btns_addr addr; /* family 0: by key */
    uint8_t key[32];
};

struct btns_nolatch {
    struct btns_hdr hdr;
    uint32_t on; /* 1: no latch to this peer may be made; 0: allow it again */
    uint32_t pad;
    uint8_t key[32];
};

struct btns_status_msg {
    struct btns_hdr hdr;
    uint32_t pid;
    uint32_t charon_pid; /* 0: not running */
    uint8_t key[32];     /* this host's key */
    uint64_t generation; /* of the rules in force */
    uint32_t rules;      /* number of rules */
    uint32_t peers;      /* known */
    uint32_t guards;
    uint32_t latches;
    uint64_t started;            /* seconds since 1970 */
    char refused[BTNS_TEXT_MAX]; /* why the newest policy was refused, or "" */
    char version[BTNS_NAME_MAX];
    uint32_t charon_off;   /* 1: btnsd was told to run none */
    uint32_t guards_of[3]; /* guards by key manager: private, system, manual */
    char system[256];      /* the system's IKE daemon: its socket and state */
    uint32_t latching_off; /* btnsd --no-latching */
    uint32_t pad;
    char in_force[BTNS_TEXT_MAX]; /* which rules are, if not those of the policy's files; or "" */
    char wrong[BTNS_WRONG_MAX];   /* what else a person should mend, a line each; or "" */
};

/*
 * States of section 2 of draft-ietf-btns-connection-latching-02. -08 (section 2.1) distinguishes
 * two kinds of Failed: a BROKEN latch recovers when the cause goes away, a CLOSED one never does.
 */
enum btns_state {
    BTNS_S_LISTENER = 1,
    BTNS_S_LARVAL,
    BTNS_S_ESTABLISHED,
    BTNS_S_FAILED,      /* -08: BROKEN */
    BTNS_S_UNPROTECTED, /* not a latch: a flow that `prefer` let go clear */
    BTNS_S_CLOSED,      /* Failed for good */
    BTNS_STATES,
    /* only in the list of latches: a guard without a latch, which still stands in the way */
    BTNS_S_LINGERING = BTNS_STATES,
};

/* Why a latch is broken, closed or unprotected, and why a request was refused. */
enum btns_reason {
    BTNS_R_NONE,
    BTNS_R_IDENTITY,   /* another key is claimed, or the right one was not proved */
    BTNS_R_WEAKER,     /* the SA is weaker than what is latched or asked for */
    BTNS_R_OVERRIDDEN, /* a foreign SPD entry comes before btnsd's */
    BTNS_R_PEER_GONE,  /* no IKE daemon answers there (any more) */
    BTNS_R_MANAGER,    /* btnsd's own key manager does not run */
    BTNS_R_RULE,       /* the rules in force do not allow it (any more) */
    BTNS_R_CONFLICT,   /* another latch stands in the way (latching -02, section 2.1) */
    BTNS_R_NO_LATCH,   /* no latch to that peer or address may be made */
    BTNS_R_OFF,        /* latching is switched off */
    BTNS_R_RESTARTED,  /* btnsd was restarted, and does not know which program has the connection */
    BTNS_R_RESOURCES,  /* the kernel or btnsd was out of resources, or refused */
    BTNS_R_UNPROTECTED, /* the peer did not ask for protection, or it is not available */
    BTNS_R_ENDED,       /* the program or its connection has ended */
    BTNS_R_BYPASSED,    /* a privileged user wanted it clear */
    BTNS_R_REVOKED,     /* the administrator has revoked the peer's key */
    BTNS_REASONS,
};

/* struct btns_latch_msg.nat: which end has an address translated on the way (L10). */
#define BTNS_NAT_LOCAL  0x1u
#define BTNS_NAT_REMOTE 0x2u

#define BTNS_LATCH_SAS 8
#define BTNS_SA_OUT    0x1u
#define BTNS_SA_USED   0x2u /* of the outgoing SAs, the one used for new packets */

/* An SA that carries the latch's service (latching -02, section 2.2). */
struct btns_latch_sa {
    uint32_t spi; /* host order; 0: the list ends here */
    uint32_t flags;
    uint64_t packets, octets; /* so far, by all connections to that service */
};

/* How a peer was authenticated. */
enum btns_auth {
    BTNS_A_NONE,        /* not authenticated, or not yet */
    BTNS_A_LEAP,        /* its key was proved, and had been taken on first contact */
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
    struct btns_addr remote; /* family 0: a listener's */
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
    uint16_t encap_local; /* UDP ports of ESP in UDP; 0: ESP is not encapsulated */
    uint16_t encap_remote;
    struct btns_addr inner;   /* BTNS_NAT_REMOTE: the peer's own address; family 0: not known */
    char keys[BTNS_NAME_MAX]; /* the key manager: "private", "system", "manual"; "": none */
    char peer[256];           /* the peer, as a manager without keys names it, once latched */
    char proof[128];          /* how that manager authenticated the peer, or that it did not */
    struct btns_latch_sa sa[BTNS_LATCH_SAS];
    uint32_t auth;            /* enum btns_auth: how the peer was authenticated (L9) */
    uint32_t hashed;          /* key: 0 an Ed25519 key as it is; 1 SHA-256 of a certificate's key */
    char name[BTNS_NAME_MAX]; /* the key's name in known_peers; "": none */
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
    BTNS_E_UNPROTECTED,   /* a flow goes in the clear, as a rule or a wish allows */
    BTNS_E_PEER_NEW,      /* a key was proved at this address for the first time */
    BTNS_E_PEER_REFUSED,  /* a peer with a changed key, or one that may not come in, was refused */
    BTNS_E_RULES,         /* a generation of rules came into force; .count: which */
    BTNS_E_RULES_REFUSED, /* a generation was refused */
    BTNS_E_MANAGER_LOST,
    BTNS_E_MANAGER_BACK,
    BTNS_E_RESYNC, /* the kernel reported more than could be read: all was read again */
    BTNS_EVENTS,
};

#define BTNS_WATCHES_MAX 256 /* sockets that one connection may watch */

/*
 * Cookie 0: every event that is not about a latch, and the latches of the caller's own processes
 * (root: all). Any other cookie: only the latch of that socket, if the caller owns it; more
 * requests add more sockets.
 */
struct btns_watch {
    struct btns_hdr hdr;
    uint64_t cookie;
};

struct btns_event_msg {
    struct btns_hdr hdr;
    uint32_t kind;   /* enum btns_event_kind */
    uint32_t reason; /* enum btns_reason */
    uint32_t state;  /* enum btns_state: the latch's new state; 0: no latch's */
    uint32_t pid;    /* 0: not known */
    uint32_t uid;
    uint32_t pad;
    uint64_t cookie; /* 0: about a service, without a latch that a program reported */
    uint64_t time;   /* seconds since 1970 */
    uint64_t count;  /* LOST: how many; RULES: the generation */
    struct btns_addr local, remote; /* for a service: the port of that end */
    uint8_t has_key;
    uint8_t hashed; /* as in struct btns_latch_msg */
    uint8_t pad2[6];
    uint8_t key[32];
    char program[BTNS_NAME_MAX];
    char suite[BTNS_NAME_MAX];
    char rule[BTNS_TEXT_MAX];
    char text[BTNS_TEXT_MAX]; /* for a person: why */
};

enum btns_trust {
    BTNS_T_LEAP = 1, /* leap of faith: the key was proved, the name never was */
    BTNS_T_PINNED,   /* given by the administrator */
};

struct btns_peer_msg {
    struct btns_hdr hdr;
    uint32_t trust;      /* enum btns_trust */
    uint32_t no_latch;   /* 1: no latch may be made to it */
    uint64_t first_seen; /* seconds since 1970 */
    uint64_t last_seen;
    uint8_t key[32];
    struct btns_addr addr; /* one message an address; port 0; family 0: the peer has none */
    char name[BTNS_NAME_MAX];
    uint32_t revoked;  /* 1: the administrator has revoked the key */
    uint32_t shadowed; /* 1: of known_peers, and a file of the administrator's has the key, too */
    char file[256];    /* of the administrator's, where it stands; "": known_peers */
    uint64_t line;
};

/* Pins a peer's key: the administrator names the key, the address of a known peer, or both. */
struct btns_pin {
    struct btns_hdr hdr;
    uint32_t has_key;
    uint32_t pad;
    struct btns_addr addr; /* family 0: keep the key's addresses */
    uint8_t key[32];
    char name[BTNS_NAME_MAX]; /* "": keep its name */
};

/* Takes peers from a text of known_peers' lines, all of them or none. */
struct btns_import {
    struct btns_hdr hdr;
    char name[256]; /* of the text, for messages; NUL-terminated */
};
#define BTNS_IMPORT_MAX   (16u << 20) /* octets of the text */
#define BTNS_IMPORT_SEALS 0xf /* BTNS_RING_SEALS and F_SEAL_WRITE: the text stays as it is */

/* Asks a host for its key; nothing of the answer is kept. */
struct btns_keyscan {
    struct btns_hdr hdr;
    struct btns_addr addr; /* port 0 */
};

#endif
