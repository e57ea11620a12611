/* What persons may see: the daemon's status, latches, known peers. */
#include "log.h"
#include "requests.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

bool on_status(struct btnsd *d, struct request *r)
{
    struct btns_status_msg m = {
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_STATUS, r->hdr->id},
        .pid = (uint32_t)getpid(),
        .charon_pid = (uint32_t)ike_charon_pid(d->ike),
        .generation = d->rules->generation,
        .rules = (uint32_t)d->rules->n,
        .peers = (uint32_t)peers_count(d->peers),
        .guards = d->guards.count,
        .latches = (uint32_t)registry_count(d->latches),
        .started = d->started,
        .version = BTNS_VERSION,
    };
    memcpy(m.key, d->host.pub.raw, sizeof m.key);
    snprintf(m.refused, sizeof m.refused, "%s", d->refused);
    client_send(r->client, &m, sizeof m, -1);
    return true;
}

struct showing {
    struct btnsd *d;
    const struct request *r;
};

static void fill_guard(struct btns_latch_msg *m, const struct guard *g)
{
    m->reqid = g->reqid;
    m->spi_out = g->spi;
    m->has_key = g->has_key;
    memcpy(m->key, g->key.raw, sizeof m->key);
    if (g->suite)
        snprintf(m->suite, sizeof m->suite, "%s", g->suite->name);
    if (g->state == GS_FAILED)
        snprintf(m->reason, sizeof m->reason, "%s", g->reason);
}

static struct btns_latch_msg blank(const struct request *r)
{
    return (struct btns_latch_msg){.hdr = {BTNS_WIRE_VERSION, BTNS_REP_LATCH, r->hdr->id},
                                   .protocol = IPPROTO_TCP};
}

static void show_latch(void *arg, struct latch *l)
{
    struct showing *s = arg;
    if (s->r->from.uid && s->r->from.uid != l->uid)
        return;
    struct btns_latch_msg m = blank(s->r);
    m.state = (uint32_t)latch_state(l);
    m.pid = (uint32_t)l->pid;
    m.uid = l->uid;
    m.cookie = l->cookie;
    m.age = (loop_now() - l->created) / 1000;
    m.local = l->local;
    m.remote = l->remote;
    snprintf(m.program, sizeof m.program, "%s", l->program);
    snprintf(m.rule, sizeof m.rule, "%s", l->rule);
    snprintf(m.reason, sizeof m.reason, "%s", l->reason ? l->reason : "");
    if (l->guard)
        fill_guard(&m, l->guard);
    client_send(s->r->client, &m, sizeof m, -1);
}

/*
 * The kernel knows what a program's connect() could not tell us before it was made: the local port.
 * And it knows connections of programs that never told us, which guards cover all the same.
 */
static void show_connection(void *arg, const struct sock_entry *e)
{
    struct showing *s = arg;
    struct latch *l = registry_find(s->d->latches, e->cookie);
    if (l) {
        l->local = e->local;
        return;
    }
    struct guard *g = guard_of(&s->d->guards, &e->local, &e->remote);
    if (!g || !e->inode || (s->r->from.uid && s->r->from.uid != e->uid))
        return;
    struct btns_latch_msg m = blank(s->r);
    m.state = (uint32_t)guard_latch_state(g->state, g->ever_up);
    m.uid = e->uid;
    m.cookie = e->cookie;
    m.local = e->local;
    m.remote = e->remote;
    snprintf(m.program, sizeof m.program, "-");
    fill_guard(&m, g);
    client_send(s->r->client, &m, sizeof m, -1);
}

bool on_latches(struct btnsd *d, struct request *r)
{
    struct showing s = {d, r};
    sockdiag_connections(d->sockets, &(struct btns_addr){0}, &(struct btns_addr){0},
                         show_connection, &s);
    registry_each(d->latches, show_latch, &s);
    answer_end(r->client, r->hdr, 0, "");
    return true;
}

bool on_peers(struct btnsd *d, struct request *r)
{
    for (size_t i = 0; i < peers_count(d->peers); i++) {
        const struct peer *p = peers_at(d->peers, i);
        for (size_t a = 0; a < p->addrs; a++) {
            struct btns_peer_msg m = {
                .hdr = {BTNS_WIRE_VERSION, BTNS_REP_PEER, r->hdr->id},
                .trust = p->trust,
                .first_seen = p->first_seen,
                .last_seen = p->last_seen,
                .addr = p->addr[a],
            };
            memcpy(m.key, p->key.raw, sizeof m.key);
            client_send(r->client, &m, sizeof m, -1);
        }
    }
    answer_end(r->client, r->hdr, 0, "");
    return true;
}

bool on_forget(struct btnsd *d, struct request *r)
{
    struct btns_forget m;
    struct btns_key key;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    memcpy(key.raw, m.key, sizeof key.raw);
    m.addr.port = 0;
    bool by_addr = m.addr.family != 0;
    int rc = peers_forget(d->peers, by_addr ? NULL : &key, by_addr ? &m.addr : NULL, &err);
    if (rc == -ENOENT)
        err_set(&err, "no such peer is known");
    answer_end(r->client, r->hdr, -rc, err.text);
    return true;
}
