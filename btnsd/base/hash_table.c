/* Hash tables whose links lie in the items. */
#include "btnsd/base/hash_table.h"

#include <stdlib.h>
#include <sys/random.h>

#define FEW   4  /* up to this many links share one bucket */
#define FIRST 64 /* buckets of the first table; a power of two */

uint64_t hash_begin(void)
{
    static uint64_t seed;
    if (!seed && getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        seed = (uintptr_t)&seed | 1;
    return seed;
}

uint64_t hash_more(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *at = data;
    while (len--) {
        hash = (hash ^ *at++) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    return hash;
}

static struct hash_link **hash_bucket_of(const struct hash_table *t, uint64_t hash)
{
    return t->bucket ? &t->bucket[hash & (t->buckets - 1)]
                     : (struct hash_link **)(uintptr_t)&t->only;
}

static void push_hash_link(struct hash_link **p, struct hash_link *l)
{
    l->next = *p;
    l->link = p;
    if (l->next)
        l->next->link = &l->next;
    *p = l;
}

static void take_hash_link(struct hash_link *l)
{
    *l->link = l->next;
    if (l->next)
        l->next->link = l->link;
}

/* Reverses the list, then pushes each link: links with the same hash stay in their order. */
static void move_hash_bucket(struct hash_table *to, struct hash_link *from)
{
    struct hash_link *back = NULL;
    while (from) {
        struct hash_link *l = from;
        from = l->next;
        l->next = back;
        back = l;
    }
    while (back) {
        struct hash_link *l = back;
        back = l->next;
        push_hash_link(hash_bucket_of(to, l->hash), l);
    }
}

/* Out of memory, the table keeps its size: lookups are slower, but correct. */
static void grow_hash_table(struct hash_table *t)
{
    struct hash_table more = {.buckets = t->buckets ? 2 * t->buckets : FIRST, .count = t->count};
    more.bucket = calloc(more.buckets, sizeof *more.bucket);
    if (!more.bucket)
        return;
    move_hash_bucket(&more, t->only);
    for (size_t i = 0; i < t->buckets; i++)
        move_hash_bucket(&more, t->bucket[i]);
    free(t->bucket);
    *t = more;
}

void hash_table_enter(struct hash_table *t, struct hash_link *l, uint64_t hash)
{
    if (t->count >= (t->bucket ? t->buckets : FEW))
        grow_hash_table(t);
    l->hash = hash;
    push_hash_link(hash_bucket_of(t, hash), l);
    t->count++;
}

void hash_table_leave(struct hash_table *t, struct hash_link *l)
{
    take_hash_link(l);
    t->count--;
}

static struct hash_link *skip_other_hashes(struct hash_link *l, uint64_t hash)
{
    while (l && l->hash != hash)
        l = l->next;
    return l;
}

struct hash_link *hash_table_first(const struct hash_table *t, uint64_t hash)
{
    return skip_other_hashes(*hash_bucket_of(t, hash), hash);
}

struct hash_link *hash_table_next(const struct hash_link *l)
{
    return skip_other_hashes(l->next, l->hash);
}

void hash_table_free(struct hash_table *t)
{
    free(t->bucket);
    *t = (struct hash_table){0};
}

size_t hash_table_longest(const struct hash_table *t)
{
    size_t most = 0;
    for (size_t i = 0; i < (t->bucket ? t->buckets : 1); i++) {
        size_t n = 0;
        for (const struct hash_link *l = t->bucket ? t->bucket[i] : t->only; l; l = l->next)
            n++;
        most = n > most ? n : most;
    }
    return most;
}
