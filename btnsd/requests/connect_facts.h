/* What a connect() is about, as far as it can be known before it is made. */
#ifndef BTNS_CALL_H
#define BTNS_CALL_H

#include "btnsd/plan/asker.h"
#include "btnsd/plan/connect_plan.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/table.h"

struct call {
    const struct btns_flow *q;
    const char *as; /* the program, or NULL: the caller's */
    struct ucred from;
    struct asker asker;
    struct connect_question question;
    bool sure; /* the socket was shown */
    struct plan plan;
};

/*
 * question_connect() with what requests know besides: who may bypass, and what failed a moment ago.
 * Connect and explain ask by this, so that they get the same plan.
 */
int connect_plan(struct btnsd *d, const struct request *r, const struct view *view,
                 struct asker *asker, const struct socket_facts *f, struct connect_question *q,
                 struct plan *plan, struct err *err);

/* Who calls, from where, and by which rule. 0, or -errno with the reason in err. */
int call_look(struct btnsd *d, struct request *r, const struct socket_facts *f, struct call *c,
              struct err *err);
/* The guard that its plan asks for. */
struct guard_want call_want(const struct call *c);
/* Its latch, in this state. NULL: out of memory. */
struct latch *call_note(struct btnsd *d, const struct call *c, enum btns_state state,
                        struct guard *g, enum btns_reason code, const char *reason);

#endif
