/*
 * For tests of guards alone: guards in a network namespace of the test's own, with guard operations
 * and a key manager that do nothing.
 */
#ifndef BTNS_TEST_UNIT_LATCH_GUARD_WANT_OPS_H
#define BTNS_TEST_UNIT_LATCH_GUARD_WANT_OPS_H

#include "btnsd/base/count_by_user.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/rules/model/suites.h"
#include "btnsd/xfrm/open.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <sched.h>

static inline bool settled(void *arg, uint64_t *mark)
{
    (void)arg;
    (void)mark;
    return true;
}

static inline void unconcerned(void *arg)
{
    (void)arg;
}

static inline void unchanged(void *arg, struct guard *g)
{
    (void)arg;
    (void)g;
}

static inline void stop_loop(struct timer *t)
{
    loop_stop(t->arg);
}

/* Runs the loop for so long. */
static inline void turn(struct loop *l, unsigned ms)
{
    struct timer t = {0};
    loop_after(l, &t, ms, stop_loop, l);
    loop_run(l);
}

/* A key manager that waits for ever, whatever it is asked to do. */
static inline int begin_unknown(struct guard *g, enum guard_event *first, struct err *err)
{
    (void)err;
    guard_set_reqid(g, pair_placeholder(&g->all->pairs));
    *first = GE_ASKED;
    return 0;
}

static inline void nothing(struct guard *g)
{
    (void)g;
}

static const struct keying asking = {.own = true,
                                     .begin = begin_unknown,
                                     .introduce = nothing,
                                     .prove = nothing,
                                     .prove_soon = nothing};
static const struct keying *const managers[] = {&asking, &asking, &asking};

/* A guard for port 8000 of the host of that number, for whatever key it has. */
static inline struct guard_want want_service(uint8_t protocol, unsigned host)
{
    static const struct demand anybody = {.identity = IDENTITY_ANY_KEY};
    static const struct key_source source = {.keys = KEYS_PRIVATE};
    return (struct guard_want){
        .local = {.family = AF_INET, .ip = {10, 0, 0, 1}},
        .remote = {.family = AF_INET, .ip = {10, 1, (uint8_t)(host >> 8), (uint8_t)host}},
        .service = {protocol, 8000},
        .suite = suite_named("aes128gcm16"),
        .demand = &anybody,
        .source = &source,
    };
}

/* False: the test needs root, and has said that it is skipped. */
static inline bool guards_open(struct guards *gs)
{
    struct err err = {""};
    if (geteuid() || unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return false;
    }
    gs->loop = loop_new();
    gs->xfrm = xfrm_open(&err);
    gs->sockets = sockdiag_open(IPPROTO_TCP, &err);
    gs->users = count_by_user_new(LIMIT_GUARDS);
    check(gs->xfrm, "the kernel's SPD: %s", err.text);
    return true;
}

static inline void guards_close(struct guards *gs)
{
    count_by_user_free(gs->users);
    pairs_free(&gs->pairs);
    sockdiag_close(gs->sockets);
    xfrm_close(gs->xfrm);
    loop_free(gs->loop);
}

#endif
