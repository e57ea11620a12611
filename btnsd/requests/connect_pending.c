/* The connect()s that wait for a guard: their data, and how to find them. */
#include "btnsd/requests/connect_pending.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/registry/registry.h"
#include "btnsd/server/client.h"

#include <stdlib.h>

/*
 * Background attempts whose guard is up, kept as long as their programs can be told of a failure.
 */
static struct hash_table granted; /* by socket cookie */

static uint64_t hash_pending_cookie(uint64_t cookie)
{
    return hash_more(hash_begin(), &cookie, sizeof cookie);
}

void pending_grant(struct pending *p)
{
    loop_cancel(p->d->loop, &p->limit);
    holder_end(&p->holder);
    count_by_user_sub(p->d->waiting, p->uid);
    p->is_granted = true;
    hash_table_enter(&granted, &p->at_cookie, hash_pending_cookie(p->q.cookie));
}

static bool is_pending_of_latch(const struct pending *p, const struct latch *l)
{
    return p->q.cookie == l->cookie && p->uid == l->uid &&
           (!l->flow || btns_addr_equal(&p->q.remote, &l->remote));
}

struct pending *pending_of_latch(const struct latch *l)
{
    const size_t at = offsetof(struct pending, at_cookie);
    struct pending *p = hash_item(hash_table_first(&granted, hash_pending_cookie(l->cookie)), at);
    while (p && !is_pending_of_latch(p, l))
        p = hash_item(hash_table_next(&p->at_cookie), at);
    return p;
}

void pending_free(struct pending *p)
{
    if (p->is_granted) {
        hash_table_leave(&granted, &p->at_cookie);
        if (p->client)
            client_on_gone(p->client, NULL, NULL);
        free(p);
        return;
    }
    guard_unwait(&p->wait);
    loop_cancel(p->d->loop, &p->limit);
    holder_end(&p->holder);
    if (p->client)
        client_on_gone(p->client, NULL, NULL);
    count_by_user_sub(p->d->waiting, p->uid);
    free(p);
}

struct latch *pending_latch(struct btnsd *d, const struct btns_flow *q, uid_t uid)
{
    return protocol_is_datagrams(q->protocol)
               ? registry_find_flow(d->latches, q->cookie, uid, &q->remote)
               : registry_find(d->latches, q->cookie, uid);
}
