/*
 * Builds the question that rules are asked about a connection: the process, its local address, the
 * route, and whether the peer is this host. Connect, warm connect, accept, explain and review all
 * use it, so that they get the same answer.
 */
#ifndef BTNS_PLAN_QUESTION_H
#define BTNS_PLAN_QUESTION_H

#include "btnsd/plan/asker.h"
#include "btnsd/plan/facts.h"
#include "libapi/wire/service.h"

struct guards;

/* The facts about a connect() by which plan_connect() decides. */
struct connect_question {
    /* Why the host is not asked now even if a rule demands protection; NULL: it is asked. */
    const char *shut;
    struct question rules;     /* points into the asker; .local: source address of its packets */
    uint32_t flags;            /* BTNS_F_REQUIRE, _PREFER, _BYPASS */
    bool group;                /* multicast or broadcast, as the route says */
    bool self;                 /* the packets never leave this host */
    bool inner;                /* an inner address, of another host: reached in BEET mode only */
    const char *unreachable;   /* inner: why it cannot be reached, or NULL */
    bool foreign;              /* the socket is bound to an address that IKE cannot use */
    bool may_bypass;           /* the user has CAP_NET_ADMIN, according to the kernel */
    bool known;                /* a peer is known at the address: it was protected before */
    const char *without;       /* why no btnsd is expected at the address, or NULL */
    bool slow;                 /* a host answers IKE at the address, but not at once */
    const char *recent;        /* why protection failed with this peer a moment ago, or NULL */
    enum btns_reason no_latch; /* why no latch may be made to the peer, or BTNS_R_NONE */
    struct err no_latch_why;
};

/*
 * Fills in q, in which .rules.remote, .rules.protocol, .flags, .may_bypass, .recent, .without and
 * .slow are given. f: facts about the socket; NULL: one without a mark, a device or a local
 * address. local: the source address if it is known already, or NULL. 0, or -errno with err: there
 * is no route.
 */
int question_connect(const struct guards *guards, const struct view *view, struct asker *asker,
                     const struct socket_facts *f, const struct btns_addr *local,
                     struct connect_question *q, struct err *err);

/*
 * The question about a listener at `local`. remote: the peer of an accepted connection; NULL: any.
 */
struct question question_accept(const struct asker *asker, int protocol,
                                const struct btns_addr *local, const struct btns_addr *remote);

#endif
