/* For tests of guards that stay for SAs of the administrator's: between any two hosts there is one
 * SA, or none. */
#ifndef BTNS_TEST_UNIT_LATCH_GUARD_LEFT_SA_H
#define BTNS_TEST_UNIT_LATCH_GUARD_LEFT_SA_H

#include "test/unit/latch/guard/want_ops.h"

#define REQID 77

static bool has_sa;

int __wrap_sad_dump_between(struct xfrm *x, const struct btns_addr *src,
                            const struct btns_addr *dst,
                            void (*cb)(void *arg, const struct sad_entry *e), void *arg);
int __wrap_sad_dump_between(struct xfrm *x, const struct btns_addr *src,
                            const struct btns_addr *dst,
                            void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    const struct sad_entry sa = {.src = *src, .dst = *dst, .reqid = REQID};
    (void)x;
    if (has_sa)
        cb(arg, &sa);
    return 0;
}

static const struct guards_ops ops = {
    .settle = settled, .changed = unchanged, .freed = unchanged, .gone = unconcerned};

#endif
