/* The verdict cache. Its callers check with epoch.h whether an entry still holds. */
#include "shim/verdicts.h"

#include <netinet/in.h>
#include <string.h>

enum { KIND_BITS = 8, FAMILY_BITS = 8 };

_Static_assert(sizeof(struct btns_addr) == sizeof(struct cache_key), "an address is a key");

/*
 * The two kinds of keys differ in the first word: an address starts with its family, which is not 0
 * and leaves room for the protocol.
 */
struct cache_key verdict_key_remote(int protocol, const struct btns_addr *remote)
{
    struct cache_key key;
    struct btns_addr service = *remote;
    service.family |= (uint16_t)(protocol << FAMILY_BITS);
    memcpy(&key, &service, sizeof key);
    return key;
}

/*
 * A scoped (link-local) address is not protected and gets no key; so the scope field can hold the
 * socket's name.
 */
bool verdict_key_datagram(struct cache_key *key, uint32_t socket, const struct btns_addr *remote)
{
    struct btns_addr flow = *remote;
    if (remote->scope)
        return false;
    flow.scope = socket;
    *key = verdict_key_remote(IPPROTO_UDP, &flow);
    return true;
}

struct cache_key verdict_key_listener(uint64_t cookie)
{
    return (struct cache_key){{0, cookie, 0}};
}

bool verdict_find(const struct cache_key *key, struct verdict *v)
{
    struct cache_value value;
    bool found = cache_find(key, &value);
    *v = (struct verdict){value.word[0], value.word[1], value.word[2] >> KIND_BITS,
                          value.word[2] & ((1u << KIND_BITS) - 1)};
    return found;
}

void verdict_keep(const struct cache_key *key, const struct verdict *v)
{
    struct cache_value value = {{v->link, v->epoch, v->netns << KIND_BITS | v->kind}};
    cache_keep(key, &value);
}
