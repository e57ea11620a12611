/* A latch: one socket of one program, and what protects it. */
#ifndef BTNS_LATCH_REGISTRY_LATCH_H
#define BTNS_LATCH_REGISTRY_LATCH_H

#include "btnsd/base/intern.h"
#include "btnsd/latch/guard/guard.h"
#include "libapi/wire/wire.h"

#include <sys/types.h>

#define POLICY_LOST UINT64_MAX

struct floor;

/* A listener latch (3-tuple) or a connection latch (5-tuple); section 2.1 of latching -02. */
struct latch {
    struct latch *next; /* in its bucket */
    uint64_t cookie;
    uint64_t created; /* ms, loop_now */
    pid_t pid;
    uid_t uid;
    bool seen;    /* the kernel has had this socket */
    uint8_t code; /* enum btns_reason, of reason */
    uint8_t protocol;
    bool accepted;         /* a connection that came in */
    bool v6only;           /* a listener's */
    uint32_t wish;         /* BTNS_F_REQUIRE, BTNS_F_PREFER; a listener's */
    enum btns_state state; /* LISTENER, UNPROTECTED, CLOSED; else ESTABLISHED: its guard says */
    enum btns_state told;  /* what events have said of it; 0: nothing yet */
    uint64_t policy;       /* handle of its user's rules, or 0; POLICY_LOST: an earlier btnsd's */
    struct btns_addr local, remote;
    struct guard *guard;
    struct latch *of_guard, **link;      /* the next of its guard's, and what points here */
    struct floor *floor;                 /* a listener's; else what blocks a withdrawn connection */
    const char *program, *rule, *reason; /* written by intern_set() alone; reason may be NULL */
};

/* Gives l the guard (or none), counted. */
void latch_set_guard(struct latch *l, struct guard *g);
/* Its guard is about to be freed. */
void latch_lose_guard(struct latch *l);
/* enum btns_state to show. */
int latch_state(const struct latch *l);

#endif
