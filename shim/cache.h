/* A small map of fixed size, from three words to three words: no allocation, no lock. */
#ifndef BTNS_SHIM_CACHE_H
#define BTNS_SHIM_CACHE_H

#include <stdbool.h>
#include <stdint.h>

enum { CACHE_WORDS = 3 };

struct cache_entry {
    uint64_t word[CACHE_WORDS];
};

/* Looks up an entry. An entry that was stored may be missing: a later one may have replaced it. */
bool cache_find(const struct cache_entry *key, struct cache_entry *value);
void cache_keep(const struct cache_entry *key, const struct cache_entry *value);

#endif
