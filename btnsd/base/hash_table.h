/*
 * Hash tables: what btnsd has many of is found without a search through all of them. The link lies
 * in the item, so that nothing is allocated for an item, and entering it cannot fail.
 */
#ifndef BTNS_BASE_HASH_TABLE_H
#define BTNS_BASE_HASH_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct hash_link {
    struct hash_link *next, **link; /* link: what points to it */
    uint64_t hash;
};

/* Zeroed, it is empty. It must not be copied while it has something in it. */
struct hash_table {
    struct hash_link **bucket; /* NULL: `only` */
    struct hash_link *only;    /* the one bucket of a small table */
    size_t buckets, count;
};

/* Users and peers choose what is hashed: a secret start keeps them from choosing the bucket. */
uint64_t hash_begin(void);
uint64_t hash_more(uint64_t hash, const void *data, size_t len);

/* The link must not be in a table. */
void hash_table_enter(struct hash_table *t, struct hash_link *l, uint64_t hash);
/* The link must be in this table. */
void hash_table_leave(struct hash_table *t, struct hash_link *l);
/*
 * The links with this hash, newest first; NULL: no more. Different items can have one hash: compare
 * them. While they are walked through, others may enter, and those behind may leave.
 */
struct hash_link *hash_table_first(const struct hash_table *t, uint64_t hash);
struct hash_link *hash_table_next(const struct hash_link *l);
/* Frees the table's memory; the items are their owners'. It is empty then. */
void hash_table_free(struct hash_table *t);
/* How many links the longest search passes, for tests. */
size_t hash_table_longest(const struct hash_table *t);

/* The item that a link lies in, `offset` octets from its beginning; NULL of NULL. */
static inline void *hash_item(const struct hash_link *l, size_t offset)
{
    return l ? (char *)(uintptr_t)l - offset : NULL;
}

#endif
