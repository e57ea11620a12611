/* When there are too many claimed, unproved keys, chooses the one to drop. Pure. */
#include "btnsd/ike/private/claimed_keys.h"

/* How near an address must be: anywhere, in the same network, or the same address. */
enum scope { EVERYWHERE, NETWORK, ADDRESS };

static bool is_near_address(const struct btns_addr *a, const struct btns_addr *b, enum scope scope)
{
    const unsigned bits[] = {0, a->family == AF_INET6 ? 64 : 24, btns_addr_bits(a)};
    return scope == EVERYWHERE || (a->family == b->family && btns_addr_in(a, b, bits[scope]));
}

/* The oldest claimed key from within this scope of `remote`; *count: how many there are. */
static size_t oldest_key(const struct claimed_key *c, size_t n, const struct btns_addr *remote,
                         enum scope scope, size_t *count)
{
    size_t at = CLAIMED_KEY_NONE;
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_near_address(&c[i].remote, remote, scope))
            continue;
        ++*count;
        if (at == CLAIMED_KEY_NONE || c[i].since < c[at].since)
            at = i;
    }
    return at;
}

size_t claimed_keys_victim(const struct claimed_key *c, size_t n, const struct btns_addr *newcomer,
                           uint64_t now, const struct claimed_key_limits *limits)
{
    const size_t most[] = {limits->all, limits->network, limits->address};
    for (int scope = ADDRESS; scope >= EVERYWHERE; scope--) {
        size_t count, at = oldest_key(c, n, newcomer, (enum scope)scope, &count);
        if (count >= most[scope])
            return c[at].since + limits->least_ms <= now ? at : CLAIMED_KEY_REFUSED;
    }
    return CLAIMED_KEY_NONE;
}

size_t claimed_keys_expired(const struct claimed_key *c, size_t n, uint64_t now,
                            const struct claimed_key_limits *limits)
{
    size_t count, at = oldest_key(c, n, NULL, EVERYWHERE, &count);
    return at != CLAIMED_KEY_NONE && c[at].since + limits->ms <= now ? at : CLAIMED_KEY_NONE;
}
