/* The FNV-1a hash for hash tables. If strangers choose the keys, start it with a secret number. */
#ifndef BTNS_LIBAPI_WIRE_FNV_H
#define BTNS_LIBAPI_WIRE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BEGIN 0xcbf29ce484222325u

static inline uint64_t fnv1a(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *p = (const uint8_t *)data;
    while (len--)
        hash = (hash ^ *p++) * 0x100000001b3u;
    return hash;
}

#endif
