/*
 * For tests of guards alone: guard operations that do nothing, and a key manager that does nothing.
 */
#ifndef BTNS_TEST_UNIT_LATCH_GUARD_WANT_OPS_H
#define BTNS_TEST_UNIT_LATCH_GUARD_WANT_OPS_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/table.h"

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

#endif
