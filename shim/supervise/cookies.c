/* Sets of socket cookies, of fixed size and without locks. */
#include "shim/supervise/cookies.h"

bool cookies_have(const struct cookies *c, uint64_t cookie)
{
    return cookie && __atomic_load_n(&c->place[cookie % COOKIES_MAX], __ATOMIC_RELAXED) == cookie;
}

void cookies_keep(struct cookies *c, uint64_t cookie)
{
    __atomic_store_n(&c->place[cookie % COOKIES_MAX], cookie, __ATOMIC_RELAXED);
}

void cookies_drop(struct cookies *c, uint64_t cookie)
{
    __atomic_compare_exchange_n(&c->place[cookie % COOKIES_MAX], &cookie, 0, false,
                                __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
