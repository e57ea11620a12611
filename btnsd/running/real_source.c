/* Moves a latch to the guard for the source address that the kernel chose for its connection. */
#include "btnsd/running/real_source.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/running/block_connection.h"
#include "btnsd/running/reset_connection.h"
#include "libapi/wire/array.h"

#include <stdlib.h>

#define TCP_ESTABLISHED_STATE 1

static bool is_from_real_source(const struct latch *l, const struct sock_entry *e)
{
    return l->uid == e->uid && l->guard && !l->guard->mirror &&
           !btns_addr_ip_equal(&l->guard->local, &e->local);
}

/* The latch of the socket's own user whose guard is for another source address, or NULL. */
static struct latch *latch_real_source(struct btnsd *d, const struct sock_entry *e)
{
    struct latch *l = registry_find(d->latches, e->cookie, e->uid);
    return l && is_from_real_source(l, e) ? l : NULL;
}

static void move_latch_to_source(struct btnsd *d, struct latch *l, const struct sock_entry *e,
                                 struct guard *g)
{
    l->local = e->local;
    latch_set_guard(l, g);
    latch_report(&d->events, l);
}

/*
 * No guard is for the connection's address, yet its handshake was completed: no entry held its
 * packets, so it is ended.
 */
static void end_clear_source(struct btnsd *d, struct latch *l, const struct sock_entry *e)
{
    char from[BTNS_ADDR_STR], text[BTNS_TEXT_MAX];
    snprintf(text, sizeof text, "the connection left from %s, an address without a guard",
             btns_addr_ip_str(&e->local, from));
    log_rated(log_note, "connections that left from another address", "pid %d: %s: it is reset",
              l->pid, text);
    l->local = e->local;
    if (reset_connection(d, l))
        block_connection(d, l);
    l->state = BTNS_S_CLOSED;
    l->code = BTNS_R_CONFLICT;
    intern_set(&l->reason, text);
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

static struct guard *guard_of_real_source(struct btnsd *d, const struct sock_entry *e)
{
    const struct service service = {e->protocol, e->remote.port};
    return guard_find(&d->guards, &e->local, &e->remote, service, false);
}

void real_source_follow(struct btnsd *d, const struct sock_entry *e)
{
    struct latch *l = latch_real_source(d, e);
    struct guard *g = l ? guard_of_real_source(d, e) : NULL;
    if (g)
        move_latch_to_source(d, l, e, g);
}

struct clear_connections {
    struct btnsd *d;
    struct sock_entry *socket;
    size_t n, room;
};

static void find_clear_source(void *arg, const struct sock_entry *e)
{
    struct clear_connections *c = arg;
    real_source_follow(c->d, e);
    const struct latch *l = latch_real_source(c->d, e);
    if (!l || e->state != TCP_ESTABLISHED_STATE || !l->guard->others ||
        guard_of_real_source(c->d, e))
        return;
    struct sock_entry *more = array_grow(c->socket, &c->room, c->n + 1, sizeof *more);
    if (!more)
        return; /* the next change of addresses checks again */
    c->socket = more;
    c->socket[c->n++] = *e;
}

void real_source_follow_all(struct btnsd *d)
{
    static const struct btns_addr any;
    struct clear_connections c = {.d = d};
    sockdiag_connections(d->sockets, &any, &any, find_clear_source, &c);
    for (size_t i = 0; i < c.n; i++) {
        struct latch *l = latch_real_source(d, &c.socket[i]);
        if (l)
            end_clear_source(d, l, &c.socket[i]);
    }
    free(c.socket);
}

static void take_source_socket(void *arg, const struct sock_entry *e)
{
    *(struct sock_entry *)arg = *e;
}

static void log_real_source(const struct spd_entry *flow)
{
    char from[BTNS_ADDR_STR], to[BTNS_ADDR_STR];
    log_rated(log_note, "guards for another address",
              "packets to %s %s/%u leave from %s: a guard for that address, too",
              btns_addr_ip_str(&flow->remote, to), protocol_name(flow->protocol), flow->remote.port,
              btns_addr_ip_str(&flow->local, from));
}

/*
 * The guard for the real source asks for the same peer and suite as the latch's guard. For a packet
 * of another program, it asks for the same as the guards of that service.
 */
void real_source_acquired(struct btnsd *d, const struct spd_entry *flow)
{
    struct sock_entry socket = {.cookie = 0};
    struct guard *from = other_sources_guard(&d->guards, flow->reqid);
    struct err err;
    if (!from)
        return;
    sockdiag_connections(d->sockets, &flow->local, &flow->remote, take_source_socket, &socket);
    struct latch *l = socket.cookie ? latch_real_source(d, &socket) : NULL;
    if (l && l->guard->others == from->others)
        from = l->guard;
    struct guard_want want = {
        .local = flow->local,
        .remote = flow->remote,
        .service = from->service,
        .suite = from->asked,
        .demand = from->demand,
        .source = &from->source,
        .uid = l ? l->uid : from->uid,
        .hold = true,
    };
    log_real_source(flow);
    struct guard *g = guard_want(&d->guards, &want, &err);
    if (!g)
        log_rated(log_warning, "guards that there cannot be", "no guard for that address: %s",
                  err.text);
    else if (l)
        move_latch_to_source(d, l, &socket, g);
}
