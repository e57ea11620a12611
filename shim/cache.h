/* A small map of fixed size, from three words to four: no allocation, no lock. */
#ifndef BTNS_SHIM_CACHE_H
#define BTNS_SHIM_CACHE_H

#include <stdbool.h>
#include <stdint.h>

enum { CACHE_KEY = 3, CACHE_VALUE = 4 };

struct cache_key {
    uint64_t word[CACHE_KEY];
};
struct cache_value {
    uint64_t word[CACHE_VALUE];
};

/*
 * Looks up an entry. An entry that was kept may be missing: a later one may have replaced it. Where
 * there is none the value means nothing.
 */
bool cache_find(const struct cache_key *key, struct cache_value *value);
void cache_keep(const struct cache_key *key, const struct cache_value *value);

#endif
