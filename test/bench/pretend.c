/*
 * Linked into a copy of btnsd (ld --wrap) for kernels without ESP: the probe succeeds, and a guard
 * is up as soon as it is wanted. Everything else in a request's path is btnsd's own code; no packet
 * is sent.
 */
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/guard/want.h"

#define REQID 4711 /* the reqid of no SA, to which sockets can be bound */

int __wrap_xfrm_probe(struct xfrm *x, const char *aead, unsigned key_bits);
struct guard *__real_guard_want(struct guards *gs, const struct guard_want *want, struct err *err);
struct guard *__wrap_guard_want(struct guards *gs, const struct guard_want *want, struct err *err);

int __wrap_xfrm_probe(struct xfrm *x, const char *aead, unsigned key_bits)
{
    (void)x;
    (void)aead;
    (void)key_bits;
    return 0;
}

struct guard *__wrap_guard_want(struct guards *gs, const struct guard_want *want, struct err *err)
{
    struct guard *g = __real_guard_want(gs, want, err);
    if (!g)
        return NULL;
    g->state = GS_UP;
    if (!g->reqid)
        guard_set_reqid(g, REQID);
    g->ever_up = true; /* a latch that fails is blocked, as with a real SA */
    return g;
}
