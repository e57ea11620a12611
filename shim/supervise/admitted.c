/* A set of fixed size; a listener that falls out of it is asked about once more. */
#include "shim/supervise/admitted.h"

enum { PLACES = 4096 };

static uint64_t places[PLACES];

static uint64_t *place_of(uint64_t cookie)
{
    return &places[cookie % PLACES];
}

bool admitted_has(uint64_t cookie)
{
    return cookie && __atomic_load_n(place_of(cookie), __ATOMIC_RELAXED) == cookie;
}

void admitted_keep(uint64_t cookie)
{
    __atomic_store_n(place_of(cookie), cookie, __ATOMIC_RELAXED);
}
