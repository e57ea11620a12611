/* The private protocol between btnsd and its clients (shim, btns-run, btnsctl): see PROTOCOL.md. */
#ifndef BTNS_WIRE_H
#define BTNS_WIRE_H

#include "addr.h"

#include <stdint.h>

/*
 * AF_UNIX SOCK_SEQPACKET, one message a packet, host byte order (both ends are on one host), fixed
 * layouts without padding. Every message starts with struct btns_hdr. A message whose length is not
 * exactly that of its type, or whose version differs, is refused whole and its connection closed.
 */
#define BTNS_SOCKET       "/run/btns/btnsd.sock"
#define BTNS_WIRE_VERSION 1
#define BTNS_TEXT_MAX     512  /* a reason, NUL-terminated */
#define BTNS_NAME_MAX     64   /* a rule, suite or program name, NUL-terminated */
#define BTNS_PATH_MAX     1024 /* a path, NUL-terminated */
#define BTNS_POLICY_MAX   65536
#define BTNS_MSG_MAX      (BTNS_POLICY_MAX + 64)

enum btns_type {
    /* requests of a program's shim */
    BTNS_REQ_CONNECT = 1, /* struct btns_flow, socket attached; answered by BTNS_REP_VERDICT */
    BTNS_REQ_LISTEN,      /* struct btns_flow, socket attached; answered by BTNS_REP_VERDICT */
    BTNS_MSG_CONNECTING,  /* struct btns_flow, one way: a warm connect() is about to be made */
    BTNS_MSG_ACCEPTED,    /* struct btns_flow, one way: accept() returned this connection */
    BTNS_REQ_WHY, /* struct btns_flow: what became of a non-blocking connect(); BTNS_REP_VERDICT */
    /* requests of persons' commands */
    BTNS_REQ_EXPLAIN, /* struct btns_explain; answered by BTNS_REP_VERDICT; changes nothing */
    BTNS_REQ_POLICY,  /* struct btns_hdr, then the policy's text; answered by BTNS_REP_POLICY */
    BTNS_REQ_STATUS,  /* struct btns_hdr; answered by BTNS_REP_STATUS */
    BTNS_REQ_LATCHES, /* struct btns_hdr; answered by any number of BTNS_REP_LATCH, BTNS_REP_END */
    BTNS_REQ_PEERS,   /* struct btns_hdr; answered by any number of BTNS_REP_PEER, BTNS_REP_END */
    BTNS_REQ_RELOAD,  /* struct btns_hdr; answered by BTNS_REP_END; root only */
    BTNS_REQ_FORGET,  /* struct btns_forget; answered by BTNS_REP_END; root only */
    BTNS_REQ_CANDIDATES, /* struct btns_candidates; answered by any number of BTNS_REP_CANDIDATE,
                            then BTNS_REP_VERDICT; or BTNS_REP_END: refused; changes nothing */
    BTNS_REQ_LAST = BTNS_REQ_CANDIDATES,

    BTNS_REP_VERDICT = 64,
    BTNS_REP_POLICY,
    BTNS_REP_STATUS,
    BTNS_REP_LATCH,
    BTNS_REP_PEER,
    BTNS_REP_END,
    BTNS_REP_CANDIDATE,
};

struct btns_hdr {
    uint16_t version;
    uint16_t type; /* enum btns_type */
    uint32_t id;   /* chosen by the client, echoed in every answer */
};

/* Flags of struct btns_flow and struct btns_explain. */
#define BTNS_F_NONBLOCK                                                                            \
    0x1u /* the socket is non-blocking: answer at once, the kernel holds the SYN */
#define BTNS_F_REQUIRE 0x2u /* btns-run --require: protect or fail, whatever a rule would allow */
#define BTNS_F_PREFER                                                                              \
    0x4u /* btns-run --prefer: clear rather than fail, where the rule may be weakened */
#define BTNS_F_PAGE   0x8u  /* send a descriptor of the epoch page with the answer */
#define BTNS_F_ACCEPT 0x10u /* explain: ask about the accept side */

struct btns_flow {
    struct btns_hdr hdr;
    uint32_t flags;
    uint32_t protocol;       /* IPPROTO_TCP */
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

#define BTNS_UID_OWN UINT32_MAX /* of whoever asks */

struct btns_candidates {
    struct btns_explain question;
    uint32_t uid; /* about this user's processes; another one's only for root */
    uint32_t pad;
};

#define BTNS_CANDIDATES_MAX 128 /* records in one answer */

/* A rule that could have decided: those of the program in their order, then other programs'. */
struct btns_candidate_msg {
    struct btns_hdr hdr;
    uint32_t wins;   /* 1: decides, or is part of a listener's floor */
    uint32_t misses; /* the conditions that fail, MISS_* of rules.h */
    uint32_t total;  /* how many there are; more than are told when over BTNS_CANDIDATES_MAX */
    uint32_t line;
    uint32_t timeout_ms; /* of the profile; 0: there is none */
    uint32_t pad;
    char rule[BTNS_NAME_MAX];
    char program[BTNS_NAME_MAX]; /* the section's name */
    char file[256];
    char author[BTNS_NAME_MAX];
    char action[BTNS_NAME_MAX];
    char profile[BTNS_NAME_MAX]; /* "": none */
    char suite[BTNS_NAME_MAX];
    char identity[BTNS_NAME_MAX];
    char why[BTNS_TEXT_MAX];
};

enum btns_verdict {
    BTNS_V_CLEAR = 1, /* no rule, or bypass: go on as without btns */
    BTNS_V_PROTECTED, /* latched, or (non-blocking) being latched while the kernel holds the SYN */
    BTNS_V_UNPROTECTED, /* `prefer` and no protection to be had: go on, and say so once */
    BTNS_V_DENIED,      /* fail the call with .error */
};

#define BTNS_VF_CACHE  0x1u /* may be reused for the same destination while the epoch lasts */
#define BTNS_VF_LARVAL 0x2u /* not settled yet: BTNS_REQ_WHY tells later what became of it */

struct btns_verdict_msg {
    struct btns_hdr hdr;
    uint32_t verdict; /* enum btns_verdict */
    uint32_t error;   /* errno for BTNS_V_DENIED, else 0 */
    uint32_t flags;   /* BTNS_VF_* */
    uint32_t pad;
    uint64_t cookie;          /* of the socket the request was about */
    uint64_t epoch;           /* the epoch this verdict was made in */
    char text[BTNS_TEXT_MAX]; /* the reason: peer, rule (file:line), what to do */
};

/*
 * The epoch page: one page of shared memory, read-only for clients. A cached verdict holds as long
 * as `epoch` is what it was made with; 0 means that no cached verdict holds. A client that relies
 * on one sends BTNS_MSG_CONNECTING first and compares the epoch after that: btnsd moves the epoch,
 * then reads every message that is waiting, and only then takes a guard away.
 */
struct btns_page {
    uint64_t epoch;
};

struct btns_policy_msg {
    struct btns_hdr hdr;
    uint32_t error; /* 0, or an errno: .text says file:line and why */
    uint32_t pad;
    uint64_t policy; /* handle for struct btns_flow.policy, for the submitting user's processes */
    char text[BTNS_TEXT_MAX];
};

struct btns_end_msg {
    struct btns_hdr hdr;
    uint32_t error; /* 0, or an errno: .text says why */
    uint32_t pad;
    char text[BTNS_TEXT_MAX];
};

struct btns_forget {
    struct btns_hdr hdr;
    struct btns_addr addr; /* family 0: by key */
    uint8_t key[32];
};

struct btns_status_msg {
    struct btns_hdr hdr;
    uint32_t pid;
    uint32_t charon_pid; /* 0: not running */
    uint8_t key[32];     /* this host's key */
    uint64_t generation; /* of the rules in force */
    uint32_t rules;      /* how many */
    uint32_t peers;      /* known */
    uint32_t guards;
    uint32_t latches;
    uint64_t started;            /* seconds since 1970 */
    char refused[BTNS_TEXT_MAX]; /* why the newest policy was refused, or "" */
    char version[BTNS_NAME_MAX];
};

/* Section 2 of draft-ietf-btns-connection-latching-02; -08's names are CLOSED and BROKEN for
 * FAILED. */
enum btns_state {
    BTNS_S_LISTENER = 1,
    BTNS_S_LARVAL,
    BTNS_S_ESTABLISHED,
    BTNS_S_FAILED,
    BTNS_S_UNPROTECTED, /* not a latch: a flow that `prefer` let go on in the clear */
};

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
    char reason[BTNS_TEXT_MAX]; /* FAILED and UNPROTECTED: why */
};

enum btns_trust {
    BTNS_T_LEAP = 1, /* leap of faith: the key was proved, the name never was */
    BTNS_T_PINNED,   /* put there by the administrator */
};

struct btns_peer_msg {
    struct btns_hdr hdr;
    uint32_t trust; /* enum btns_trust */
    uint32_t pad;
    uint64_t first_seen; /* seconds since 1970 */
    uint64_t last_seen;
    uint8_t key[32];
    struct btns_addr addr; /* one message an address; port 0 */
};

#endif
