/* Operations of guards that change nothing, for tests of guards alone. */
#ifndef BTNS_TEST_UNIT_LATCH_GUARD_WANT_OPS_H
#define BTNS_TEST_UNIT_LATCH_GUARD_WANT_OPS_H

#include "btnsd/latch/guard/guard.h"

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

#endif
