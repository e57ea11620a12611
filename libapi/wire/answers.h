/* btnsd's answers: a verdict, the rules that could have decided, the end of any other request. */
#ifndef BTNS_LIBAPI_WIRE_ANSWERS_H
#define BTNS_LIBAPI_WIRE_ANSWERS_H

#include "libapi/wire/header.h"

enum btns_verdict {
    BTNS_V_CLEAR = 1, /* no rule, or bypass: go on as without btns */
    BTNS_V_PROTECTED, /* latched, or (non-blocking) being latched while the kernel holds the SYN */
    BTNS_V_UNPROTECTED, /* `prefer`, and no protection is available: go on, and say so once */
    BTNS_V_DENIED,      /* fail the call with .error */
};

#define BTNS_VF_CACHE  0x1u /* may be reused for the same destination while the epoch lasts */
#define BTNS_VF_LARVAL 0x2u /* not decided yet: the outcome follows on the same connection */
/* the program has to set its socket's policy (CONNECT), or to check that it could (LISTEN) */
#define BTNS_VF_OWN_POLICY 0x4u
/*
 * this host may translate the connection's destination, and the connection stops then: a person is
 * told once
 */
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
    char text[BTNS_TEXT_MAX]; /* the reason: peer, rule (file:line), and what to do */
    struct btns_about about;
};

/*
 * A rule that could have decided: first the program's own rules in their order, then other
 * programs' rules.
 */
struct btns_candidate_msg {
    struct btns_hdr hdr;
    uint32_t wins;   /* 1: it decides, or is part of a listener's floor */
    uint32_t misses; /* the conditions that fail, MISS_* of rules.h */
    uint32_t total;  /* the number of such rules, of which only BTNS_CANDIDATES_MAX are sent */
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
    char mode[BTNS_NAME_MAX];    /* "transport" or "beet" */
    char suite[BTNS_NAME_MAX];
    char identity[BTNS_NAME_MAX];
    char why[BTNS_TEXT_MAX];
    char vendor[BTNS_WORDS_MAX]; /* the profile's owner and purpose; "": not given */
    char description[BTNS_WORDS_MAX];
};

struct btns_end_msg {
    struct btns_hdr hdr;
    uint32_t error; /* 0, or an errno: .text says why */
    uint32_t pad;
    char text[BTNS_TEXT_MAX];
    struct btns_about about;
};

#endif
