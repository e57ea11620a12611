/* Messages by which the shim or a command asks btnsd about a connection. */
#ifndef BTNS_LIBAPI_WIRE_QUESTIONS_H
#define BTNS_LIBAPI_WIRE_QUESTIONS_H

#include "libapi/wire/addr.h"
#include "libapi/wire/header.h"

/*
 * Flags of struct btns_flow and struct btns_explain.
 *
 * The socket is non-blocking: answer at once; the kernel holds the SYN
 */
#define BTNS_F_NONBLOCK 0x1u
#define BTNS_F_REQUIRE  0x2u /* btns-run --require: protect or fail, whatever the rule allows */
/* btns-run --prefer: send in the clear rather than fail, if the rule may be weakened */
#define BTNS_F_PREFER 0x4u
#define BTNS_F_PAGE   0x8u  /* send a descriptor of the epoch page with the answer */
#define BTNS_F_ACCEPT 0x10u /* explain: the question is about accepting */
#define BTNS_F_BYPASS 0x20u /* btns-run --bypass: no protection, unless a rule discards */
/* with BTNS_F_BYPASS: the program sets its socket's policy itself, if the kernel lets it */
#define BTNS_F_OWN_POLICY 0x40u
/*
 * CONNECT: a datagram is about to be sent to .remote, by a socket that is connected to another
 * address or to none, and stays so
 */
#define BTNS_F_SENDS 0x80u

struct btns_flow {
    struct btns_hdr hdr;
    uint32_t flags;
    uint16_t protocol;  /* IPPROTO_TCP */
    uint16_t fd_plus_1; /* the sender's descriptor number plus 1, to find the socket; 0: not told */
    uint64_t cookie;    /* SO_COOKIE of the socket */
    uint64_t policy;    /* handle from BTNS_REP_POLICY, or 0 */
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

/* `btnsctl verify` connects in the place of the program that a rule is about. */
struct btns_try {
    struct btns_flow flow;
    char program[BTNS_PATH_MAX];
};

#define BTNS_EXPLAIN_GROUPS 1024

struct btns_candidates {
    struct btns_explain question;
    uint32_t uid;  /* decide for this user's processes; only root may name another user */
    uint32_t gids; /* number of that user's groups, unless uid is BTNS_UID_OWN */
    uint32_t gid[BTNS_EXPLAIN_GROUPS];
    char cgroup[BTNS_PATH_MAX]; /* the cgroup; "": the caller's, or unknown for another user */
};

#define BTNS_CANDIDATES_MAX 128 /* records in one answer */

#endif
