/*
 * Ends the latches to a peer that is forgotten, or whose key is revoked: closes them and resets
 * their connections. Some connections cannot be reset: those that no program has any more, or of
 * programs that btnsd does not know, on a kernel that cannot destroy sockets. These are blocked one
 * by one until the kernel has finished with them, so that none of their packets goes to the next
 * peer, or in the clear.
 */
#include "btnsd/running/forgotten_peers.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/running/block_connection.h"
#include "btnsd/running/displace_latches.h"
#include "btnsd/running/guard_sockets.h"
#include "btnsd/state/sockets_of.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKED_MAX 256
#define LOOK_MS     2000

/* A connection that lives on without its guard, and the SPD entries that block it. */
struct blocked {
    struct blocked *next;
    uint64_t cookie;
    struct spd_entry out, in;
};

static struct blocked *blocked;
static size_t blocked_n;
static struct timer next_look;

static void unblock_forgotten(struct btnsd *d, struct blocked **at)
{
    struct blocked *b = *at;
    *at = b->next;
    blocked_n--;
    spd_del(d->xfrm, &b->out);
    spd_del(d->xfrm, &b->in);
    free(b);
}

/* Deletes the entries of connections that the kernel has finished with. */
static void check_forgotten_connections(struct timer *t)
{
    struct btnsd *d = t->arg;
    for (struct blocked **at = &blocked; *at;) {
        struct sock_entry e;
        if (sockdiag_find(sockets_of(d, (*at)->out.protocol), &(*at)->out.local, &(*at)->out.remote,
                          (*at)->cookie, &e) == -ENOENT)
            unblock_forgotten(d, at);
        else
            at = &(*at)->next;
    }
    if (blocked)
        loop_after(d->loop, &next_look, LOOK_MS, check_forgotten_connections, d);
}

static bool block_forgotten(struct btnsd *d, const struct sock_entry *e)
{
    struct err err = {""};
    struct blocked *b = blocked_n < BLOCKED_MAX ? calloc(1, sizeof *b) : NULL;
    if (!b)
        return false;
    b->cookie = e->cookie;
    b->out = block_connection_entry(SPD_OUT, e->protocol, &e->local, &e->remote);
    b->in = block_connection_entry(SPD_IN, e->protocol, &e->local, &e->remote);
    if (spd_set(d->xfrm, &b->in, &err) || spd_set(d->xfrm, &b->out, &err)) {
        spd_del(d->xfrm, &b->in);
        log_warning("a connection of a forgotten peer cannot be blocked: %s", err.text);
        free(b);
        return false;
    }
    b->next = blocked;
    blocked = b;
    blocked_n++;
    loop_after(d->loop, &next_look, LOOK_MS, check_forgotten_connections, d);
    return true;
}

/* Ends the guard's connections. False: some can neither be ended nor blocked. */
static bool end_forgotten_connections(struct btnsd *d, const struct guard *g, struct forgotten *f)
{
    struct guard_sockets c;
    struct sockdiag *sockets = sockets_of(d, g->service.protocol);
    bool ok = guard_sockets_list(d, g, &c);
    for (size_t i = 0; ok && i < c.n; i++) {
        const struct sock_entry *e = &c.entry[i];
        f->connections++;
        if (sockdiag_destroy(sockets, &e->local, &e->remote, e->cookie))
            ok = block_forgotten(d, e);
    }
    free(c.entry);
    return ok;
}

static void end_forgotten_guard(struct btnsd *d, struct guard *g, enum btns_reason code,
                                const char *why, struct forgotten *f)
{
    while (g->holders) {
        latch_end(d, g->holders, code, why);
        f->latches++;
    }
    g->code = code;
    snprintf(g->reason, sizeof g->reason, "%s", why);
    g->refuses_all = true;
    if (g->ever_up && !end_forgotten_connections(d, g, f)) {
        f->failed++;
        guard_event(g, GE_FAIL_LATCHED); /* blocks all packets until the connections have ended */
    } else {
        guard_event(g, GE_FORGOTTEN);
    }
}

static bool is_forgotten(const struct guard *g, const struct btns_key *key,
                         const struct btns_addr *addr)
{
    return (key && g->has_key && btns_key_equal(&g->key, key)) ||
           (addr && btns_addr_ip_equal(&g->remote, addr));
}

void forgotten_peer_end(struct btnsd *d, const struct btns_key *key, const struct btns_addr *addr,
                        enum btns_reason code, const char *why, struct forgotten *f)
{
    for (struct guard *g = d->guards.list, *next; g; g = next) {
        next = g->next;
        if (is_forgotten(g, key, addr))
            end_forgotten_guard(d, g, code, why, f);
    }
}
