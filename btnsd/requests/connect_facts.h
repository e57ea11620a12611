/* Reads the facts about a connect(): process, route and rule; and makes its latch. */
#ifndef BTNS_REQUESTS_CONNECT_FACTS_H
#define BTNS_REQUESTS_CONNECT_FACTS_H

#include "btnsd/plan/asker.h"
#include "btnsd/plan/connect_plan.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/table.h"

/* A connect() that is being decided. */
struct connect_attempt {
    const struct btns_flow *q;
    const char *as; /* the program to decide for; NULL: the caller's */
    struct ucred from;
    struct asker asker;
    struct connect_question question;
    bool sure;       /* the program passed the socket */
    bool translated; /* the socket is bound to its guard (translation.h) */
    bool own; /* the socket has a policy of its own: it is shut until its connect() is allowed */
    const struct wish *message; /* the policy for this datagram; NULL: that of its socket */
    struct plan plan;
};

/*
 * Calls question_connect() and plan_connect(), with the user's right to bypass and recent failures.
 * Both connect and explain use it, so that they get the same plan.
 */
int connect_plan(struct btnsd *d, const struct request *r, const struct view *view,
                 struct asker *asker, const struct socket_facts *f, struct connect_question *q,
                 struct plan *plan, struct err *err);

/*
 * Fills in *c: the process, its source address and its plan. 0, or -errno with err. The socket's
 * own policy counts only if the socket was passed.
 */
int connect_look_up(struct btnsd *d, struct request *r, const struct socket_facts *f,
                    struct connect_attempt *c, struct err *err);
/* The guard that c's plan asks for. */
struct guard_want connect_wanted_guard(const struct connect_attempt *c);
/*
 * A datagram from a server's socket to a peer that protects this service is an answer: it belongs
 * to the peer's guard (the mirror), even if rules decide otherwise about questions of this host.
 * NULL: it is not an answer.
 */
struct guard *connect_answered_guard(struct btnsd *d, const struct socket_facts *f,
                                     const struct connect_attempt *c);
/* Does the server's own policy allow this peer, which asked? False with err. */
bool connect_answer_fits(const struct connect_attempt *c, struct guard *g, struct err *err);
/* Makes the latch of c, in this state. NULL: out of memory. */
struct latch *connect_make_latch(struct btnsd *d, const struct connect_attempt *c,
                                 enum btns_state state, struct guard *g, enum btns_reason code,
                                 const char *reason);

#endif
