/*
 * A hash table of fixed size that signal handlers and forked children can use. A slot's sequence
 * number is odd while the slot is being written. A writer that finds it odd gives up: it may be a
 * signal handler that interrupted the other writer, or a child forked in the middle of a write, in
 * which the slot stays unused. A reader treats such a slot as empty.
 */
#include "shim/cache.h"

enum { SLOTS = 512 };

/* A line of the processor's cache. */
struct slot {
    _Alignas(64) uint64_t sequence; /* 0: never written */
    struct cache_key key;
    struct cache_value value;
};

static struct slot slots[SLOTS];

static struct slot *cache_slot(const struct cache_key *key)
{
    uint64_t h = 0;
    for (int i = 0; i < CACHE_KEY; i++)
        h = (h ^ key->word[i]) * 0x9e3779b97f4a7c15u;
    return &slots[(h >> 32) % SLOTS];
}

bool cache_find(const struct cache_key *key, struct cache_value *value)
{
    const struct slot *s = cache_slot(key);
    uint64_t sequence = __atomic_load_n(&s->sequence, __ATOMIC_ACQUIRE), other = 0;
    for (int i = 0; i < CACHE_KEY; i++)
        other |= __atomic_load_n(&s->key.word[i], __ATOMIC_RELAXED) ^ key->word[i];
    for (int i = 0; i < CACHE_VALUE; i++)
        value->word[i] = __atomic_load_n(&s->value.word[i], __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return sequence && !(sequence & 1) && !other &&
           __atomic_load_n(&s->sequence, __ATOMIC_RELAXED) == sequence;
}

void cache_keep(const struct cache_key *key, const struct cache_value *value)
{
    struct slot *s = cache_slot(key);
    uint64_t sequence = __atomic_load_n(&s->sequence, __ATOMIC_RELAXED);
    if ((sequence & 1) || !__atomic_compare_exchange_n(&s->sequence, &sequence, sequence + 1, false,
                                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    for (int i = 0; i < CACHE_KEY; i++)
        __atomic_store_n(&s->key.word[i], key->word[i], __ATOMIC_RELAXED);
    for (int i = 0; i < CACHE_VALUE; i++)
        __atomic_store_n(&s->value.word[i], value->word[i], __ATOMIC_RELAXED);
    __atomic_store_n(&s->sequence, sequence + 2, __ATOMIC_RELEASE);
}
