/* Ends connect()s that still wait for the peer's SYN-ACK when their guard fails. */
#include "btnsd/running/syn_sent.h"

#include "btnsd/base/intern.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/running/reset_connection.h"
#include "libapi/wire/array.h"

#include <stdlib.h>

struct pending_connects {
    struct btnsd *d;
    const struct guard *guard;
    struct pending_connect {
        uint64_t cookie;
        uid_t uid;
    } * list;
    size_t n, room;
};

static void add_syn_sent(struct pending_connects *a, const struct latch *l)
{
    struct pending_connect *more = array_grow(a->list, &a->room, a->n + 1, sizeof *more);
    if (!more)
        return; /* out of memory: this connect() runs into its own timeout */
    a->list = more;
    a->list[a->n++] = (struct pending_connect){l->cookie, l->uid};
}

static void syn_sent_socket_found(void *arg, const struct sock_entry *e)
{
    struct pending_connects *a = arg;
    struct latch *l = registry_next(a->d->latches, e->cookie, NULL);
    while (l && (l->guard != a->guard || !latch_is_owners(l, e->uid)))
        l = registry_next(a->d->latches, e->cookie, l);
    if (!l)
        return;
    l->local = e->local;
    add_syn_sent(a, l);
}

static void end_syn_sent(struct btnsd *d, struct guard *g, const struct pending_connect *at,
                         tell_end tell)
{
    struct latch *l = registry_find(d->latches, at->cookie, at->uid);
    if (!l || l->guard != g)
        return;
    /* called first: the program looks for the reason when its socket has an error */
    tell(d, l, g->reason);
    if (reset_connection(d, l))
        return;
    l->state = BTNS_S_CLOSED;
    l->code = (uint8_t)g->code;
    intern_set(&l->reason, g->reason);
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

void syn_sent_end(struct btnsd *d, struct guard *g, tell_end tell)
{
    struct pending_connects a = {.d = d, .guard = g};
    struct btns_addr remote = g->remote;
    if (g->mirror || !g->holders)
        return;
    remote.port = g->service.port;
    sockdiag_attempts(d->sockets, &g->local, &remote, syn_sent_socket_found, &a);
    for (size_t i = 0; i < a.n; i++)
        end_syn_sent(d, g, &a.list[i], tell);
    free(a.list);
}
