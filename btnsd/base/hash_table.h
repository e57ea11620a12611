/*
 * Hash tables, so that btnsd finds guards, latches and the like without searching all of them. The
 * link lies in the item: nothing is allocated for an item, and entering it cannot fail.
 */
#ifndef BTNS_BASE_HASH_TABLE_H
#define BTNS_BASE_HASH_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct hash_link {
    struct hash_link *next, **link; /* link: the pointer that points to this one */
    uint64_t hash;
};

/* A zeroed table is empty. A table that is not empty must not be copied. */
struct hash_table {
    struct hash_link **bucket; /* NULL: the table has only the bucket `only` */
    struct hash_link *only;    /* the one bucket of a small table */
    size_t buckets, count;
};

/*
 * Users and peers choose what is hashed; a secret start value keeps them from choosing the bucket.
 */
uint64_t hash_begin(void);
uint64_t hash_more(uint64_t hash, const void *data, size_t len);

/* The link must not be in a table. */
void hash_table_enter(struct hash_table *t, struct hash_link *l, uint64_t hash);
/* The link must be in this table. */
void hash_table_leave(struct hash_table *t, struct hash_link *l);
/*
 * The links with this hash, newest first; NULL: no more. Different items can have the same hash, so
 * compare them. During a walk, links may be entered, and links behind the present one may leave.
 */
struct hash_link *hash_table_first(const struct hash_table *t, uint64_t hash);
struct hash_link *hash_table_next(const struct hash_link *l);
/* Frees the table's memory, not the items. The table is empty afterwards. */
void hash_table_free(struct hash_table *t);
/* How many links the longest search passes, for tests. */
size_t hash_table_longest(const struct hash_table *t);

/* The item that contains the link, which is `offset` octets from its beginning; NULL for NULL. */
static inline void *hash_item(const struct hash_link *l, size_t offset)
{
    return l ? (char *)(uintptr_t)l - offset : NULL;
}

#endif
