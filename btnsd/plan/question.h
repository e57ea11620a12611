/*
 * The question that rules are asked about a connection: who asks, from which local address, over
 * which route, and is it this host itself. Computed here for connect, warm connect, accept, explain
 * and review, so that they cannot differ.
 */
#ifndef BTNS_PLAN_QUESTION_H
#define BTNS_PLAN_QUESTION_H

#include "btnsd/plan/asker.h"
#include "btnsd/plan/facts.h"
#include "libapi/wire/service.h"

struct guards;

/* A connect() as plan_connect() decides about it. */
struct connect_question {
    struct question rules; /* its texts lie in the asker; .local: where its packets leave from */
    uint32_t flags;        /* BTNS_F_REQUIRE, _PREFER, _BYPASS */
    bool self;             /* the packets never leave this host */
    bool may_bypass;       /* the kernel says that this user may go around guards */
    const char *recent;    /* why protection failed there a moment ago; NULL: it did not */
    enum btns_reason no_latch; /* why no latch may be made there; BTNS_R_NONE: it may */
    struct err no_latch_why;
};

/*
 * q: .rules.remote and .rules.protocol, .flags, .may_bypass and .recent are given; the rest is
 * filled in. f: the socket, or NULL: one without a mark, a device or a local address. local: the
 * address in use where it is known already, or NULL. 0, or -errno with err: there is no route.
 */
int question_connect(const struct guards *guards, const struct view *view, struct asker *asker,
                     const struct socket_facts *f, const struct btns_addr *local,
                     struct connect_question *q, struct err *err);

/* About a listener at `local`; remote: the peer that was accepted, or NULL: any. */
struct question question_accept(const struct asker *asker, int protocol,
                                const struct btns_addr *local, const struct btns_addr *remote);

#endif
