/* Accepted connections that btnsd has looked at, and that need no latch. */
#include "btnsd/state/plain_connections.h"

#include <stddef.h>
#include <stdlib.h>

struct plain_connection {
    struct hash_link link;
    struct plain_connection *next, **place; /* of the list of all of them */
    uint64_t cookie;
};

static uint64_t hash_plain_connection(uint64_t cookie)
{
    return hash_more(hash_begin(), &cookie, sizeof cookie);
}

static struct plain_connection *find_plain_connection(const struct plain_connections *p,
                                                      uint64_t cookie)
{
    struct hash_link *l =
        p->table.count ? hash_table_first(&p->table, hash_plain_connection(cookie)) : NULL;
    for (; l; l = hash_table_next(l)) {
        struct plain_connection *one = hash_item(l, offsetof(struct plain_connection, link));
        if (one->cookie == cookie)
            return one;
    }
    return NULL;
}

static void drop_plain_connection(struct plain_connections *p, struct plain_connection *one)
{
    hash_table_leave(&p->table, &one->link);
    *one->place = one->next;
    if (one->next)
        one->next->place = one->place;
    free(one);
}

void plain_connection_add(struct plain_connections *p, uint64_t cookie)
{
    bool may = p->table.count < PLAIN_CONNECTIONS && !find_plain_connection(p, cookie);
    struct plain_connection *one = may ? calloc(1, sizeof *one) : NULL;
    if (!one)
        return;
    one->cookie = cookie;
    one->next = p->first;
    one->place = &p->first;
    if (one->next)
        one->next->place = &one->next;
    p->first = one;
    hash_table_enter(&p->table, &one->link, hash_plain_connection(cookie));
}

bool plain_connection_has(const struct plain_connections *p, uint64_t cookie)
{
    return find_plain_connection(p, cookie) != NULL;
}

void plain_connection_gone(struct plain_connections *p, uint64_t cookie)
{
    struct plain_connection *one = find_plain_connection(p, cookie);
    if (one)
        drop_plain_connection(p, one);
}

void plain_connections_clear(struct plain_connections *p)
{
    while (p->first)
        drop_plain_connection(p, p->first);
    hash_table_free(&p->table);
}
