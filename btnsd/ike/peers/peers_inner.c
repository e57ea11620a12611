/* Finds the peer whose key an inner address is derived from. */
#include "btnsd/ike/peers/peers_store.h"

#include "libapi/wire/inner_address.h"

#include <string.h>

/*
 * A key's inner address is computed once, because SHA-256 over the keys of 65,536 peers takes 0.1
 * s.
 */
static const struct in6_addr *inner_of_peer(const struct peers *p, size_t i)
{
    struct in6_addr *inner = &p->inner[i];
    if (IN6_IS_ADDR_UNSPECIFIED(inner) && !inner_address_of_key(p->list[i].key.raw, inner))
        memset(inner, 0, sizeof *inner);
    return inner;
}

const struct peer *peers_own_inner(const struct peers *p, const struct btns_addr *a)
{
    for (size_t i = 0; p && i < p->count; i++)
        if (!memcmp(inner_of_peer(p, i), a->ip, sizeof a->ip))
            return &p->list[i];
    return NULL;
}
