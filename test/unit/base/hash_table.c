/* Hash tables: they find what a search through everything finds, in a few steps. */
#include "btnsd/base/hash_table.h"
#include "test/unit/check.h"
#include "test/unit/dice.h"

#include <stdlib.h>

#define ITEMS 40000

struct item {
    uint32_t key;
    bool in;
    struct hash_link link;
};

static struct item items[ITEMS];
static struct dice dice = {1};

static uint64_t hash_of(uint32_t key)
{
    return hash_more(hash_begin(), &key, sizeof key);
}

/* How many items with this key the table has. */
static unsigned found(const struct hash_table *t, uint32_t key)
{
    unsigned n = 0;
    for (struct hash_link *l = hash_table_first(t, hash_of(key)); l; l = hash_table_next(l)) {
        const struct item *i = hash_item(l, offsetof(struct item, link));
        n += i->key == key && i->in;
    }
    return n;
}

static unsigned searched(size_t n, uint32_t key)
{
    unsigned many = 0;
    for (size_t i = 0; i < n; i++)
        many += items[i].in && items[i].key == key;
    return many;
}

/* Adds and removes at random, with keys that several items share. */
static void test_random(void)
{
    enum { FEW = 300, KEYS = 200 };
    struct hash_table t = {0};
    unsigned wrong = 0;
    size_t count = 0;
    for (unsigned step = 0; step < 20000; step++) {
        struct item *i = &items[roll(&dice, FEW)];
        if (i->in)
            hash_table_leave(&t, &i->link);
        else
            hash_table_enter(&t, &i->link, hash_of(i->key = roll(&dice, KEYS)));
        i->in = !i->in;
        count += i->in ? 1 : (size_t)-1;
        uint32_t key = roll(&dice, KEYS);
        wrong += found(&t, key) != searched(FEW, key) || t.count != count;
    }
    check(!wrong, "after each of 20,000 changes, it finds what a search through all finds");
    for (size_t i = 0; i < FEW; i++)
        items[i].in = false;
    hash_table_free(&t);
    check(!hash_table_first(&t, hash_of(1)) && !t.count, "freed, it is empty");
}

/* Keys as an attacker would choose them: consecutive, or equal in their low or high bits. */
static void test_effort(void)
{
    static const unsigned shift[] = {0, 8, 16};
    for (size_t k = 0; k < sizeof shift / sizeof *shift; k++) {
        struct hash_table t = {0};
        for (uint32_t i = 0; i < ITEMS; i++)
            hash_table_enter(&t, &items[i].link, hash_of(items[i].key = i << shift[k]));
        size_t most = hash_table_longest(&t);
        check(most < 24, "one of %d keys, each %u bits further up: %zu steps", ITEMS, shift[k],
              most);
        hash_table_free(&t);
    }
}

/*
 * A walk over the items of one key goes on although items are added, and although the current one
 * is removed.
 */
static void test_walk(void)
{
    enum { SAME = 10 };
    struct hash_table t = {0};
    uint32_t before = SAME;
    unsigned n = 0, next = SAME;
    bool in_order = true;
    for (uint32_t i = 0; i < SAME; i++) {
        items[i].key = i;
        hash_table_enter(&t, &items[i].link, hash_of(7));
    }
    for (struct hash_link *l = hash_table_first(&t, hash_of(7)), *after; l; l = after) {
        const struct item *i = hash_item(l, offsetof(struct item, link));
        after = hash_table_next(l);
        in_order &= i->key < before;
        before = i->key;
        n++;
        hash_table_leave(&t, l);
        for (unsigned k = 0; k < 200; k++, next++)
            hash_table_enter(&t, &items[next].link, hash_of(items[next].key = next + 1000));
    }
    check(n == SAME && in_order, "%u of %d items, newest first, while the table grew to %zu", n,
          SAME, t.count);
    hash_table_free(&t);
}

int main(void)
{
    test_random();
    test_effort();
    test_walk();
    return check_end();
}
