/* Remembers the source address that a datagram socket had when btnsd was asked about it. */
#include "shim/kept_source.h"

#include "shim/cache.h"
#include "shim/sock.h"

#include <string.h>

/* The first and last words distinguish these keys from all others in the cache. */
static struct cache_key kept_source_key(uint32_t name)
{
    return (struct cache_key){{0, name, 4}};
}

static bool read_kept_source(int fd, struct cache_value *value)
{
    struct btns_addr local;
    bool found = sock_local(fd, &local);
    *value = (struct cache_value){0};
    memcpy(value, &local, sizeof local);
    return found;
}

void source_keep(int fd, uint32_t name)
{
    struct cache_key key = kept_source_key(name);
    struct cache_value value;
    if (read_kept_source(fd, &value))
        cache_keep(&key, &value);
}

bool source_is_kept(int fd, uint32_t name)
{
    struct cache_key key = kept_source_key(name);
    struct cache_value before, now;
    return cache_find(&key, &before) && read_kept_source(fd, &now) &&
           !memcmp(&before, &now, sizeof now);
}
