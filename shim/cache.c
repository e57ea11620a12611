/*
 * A hash table of fixed size that signal handlers and forked children can use. A slot's sequence
 * number is odd while the slot is being written. A writer that finds it odd gives up: it may be a
 * signal handler that interrupted the other writer, or a child forked in the middle of a write, in
 * which the slot stays unused. A reader treats such a slot as empty.
 */
#include "shim/cache.h"

enum { SLOTS = 512 };

struct slot {
    uint64_t sequence; /* 0: never written */
    struct cache_entry key;
    struct cache_entry value;
};

static struct slot slots[SLOTS];

static struct slot *slot_of(const struct cache_entry *key)
{
    uint64_t h = 0;
    for (int i = 0; i < CACHE_WORDS; i++)
        h = (h ^ key->word[i]) * 0x9e3779b97f4a7c15u;
    return &slots[(h >> 32) % SLOTS];
}

static struct cache_entry load_entry(const struct cache_entry *from)
{
    struct cache_entry e;
    for (int i = 0; i < CACHE_WORDS; i++)
        e.word[i] = __atomic_load_n(&from->word[i], __ATOMIC_RELAXED);
    return e;
}

static void store_entry(struct cache_entry *to, const struct cache_entry *e)
{
    for (int i = 0; i < CACHE_WORDS; i++)
        __atomic_store_n(&to->word[i], e->word[i], __ATOMIC_RELAXED);
}

static bool equal(const struct cache_entry *a, const struct cache_entry *b)
{
    bool same = true;
    for (int i = 0; i < CACHE_WORDS; i++)
        same = same && a->word[i] == b->word[i];
    return same;
}

bool cache_find(const struct cache_entry *key, struct cache_entry *value)
{
    const struct slot *s = slot_of(key);
    uint64_t sequence = __atomic_load_n(&s->sequence, __ATOMIC_ACQUIRE);
    struct cache_entry found = load_entry(&s->key);
    *value = load_entry(&s->value);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return sequence && !(sequence & 1) && equal(&found, key) &&
           __atomic_load_n(&s->sequence, __ATOMIC_RELAXED) == sequence;
}

static void write_slot(struct slot *s, const struct cache_entry *key,
                       const struct cache_entry *value)
{
    uint64_t sequence = __atomic_load_n(&s->sequence, __ATOMIC_RELAXED);
    if ((sequence & 1) || !__atomic_compare_exchange_n(&s->sequence, &sequence, sequence + 1, false,
                                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    store_entry(&s->key, key);
    store_entry(&s->value, value);
    __atomic_store_n(&s->sequence, sequence + 2, __ATOMIC_RELEASE);
}

void cache_keep(const struct cache_entry *key, const struct cache_entry *value)
{
    write_slot(slot_of(key), key, value);
}
