/* The list of latches: takes a snapshot now, and sends it as fast as the client reads. */
#include "btnsd/base/log.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/latch_fill.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/real_source.h"
#include "btnsd/running/socket_owner.h"
#include "btnsd/xfrm/snapshot.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TCP_TIME_WAIT_STATE 6

struct listed {
    uint64_t cookie, created;
    uid_t uid;
    bool flow; /* the latch of a datagram socket's destination: */
    struct btns_addr remote;
};

/* A guard without a latch: the values by which it is found again. */
struct lingering {
    struct btns_addr local, remote;
    struct service service;
    bool mirror;
};

struct latches {
    struct list list;
    struct btnsd *d;
    uint32_t id;
    uid_t asks;
    /* the first error that makes the list incomplete; `failed`: what could not be read */
    int error;
    const char *failed;
    struct listed *latch;
    size_t latches, room;
    struct sock_entry *other; /* protected connections of programs that do not use the shim */
    size_t others, other_room;
    struct lingering *lingering; /* guards without a latch */
    size_t lingerings, lingering_room;
    struct sad_snapshot sad;
    size_t at;
};

static void fail_latch_list(struct latches *s, int error, const char *what)
{
    if (!error || s->error)
        return;
    s->error = error < 0 ? -error : error;
    s->failed = what;
}

static void note_listed_latch(void *arg, struct latch *l)
{
    struct latches *s = arg;
    if (s->asks && s->asks != l->uid)
        return;
    struct listed *p = array_grow(s->latch, &s->room, s->latches + 1, sizeof *p);
    if (!p) {
        fail_latch_list(s, ENOMEM, "the list");
        return;
    }
    s->latch = p;
    p[s->latches++] = (struct listed){l->cookie, l->created, l->uid, l->flow, l->remote};
}

/* Oldest first, so that a listener comes before the connections it accepted. */
static int compare_latch_ages(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    if (x->created != y->created)
        return x->created < y->created ? -1 : 1;
    return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static void note_orphan_latch(struct latches *s, const struct sock_entry *e)
{
    struct guard *g = guard_of(&s->d->guards, e->protocol, &e->local, &e->remote);
    if (g)
        g->orphan = true;
}

/*
 * Takes the local ports of connections from the kernel, as a shim announces a connect() before its
 * port is known; and adds connections of programs without the shim that guards protect.
 */
static void note_listed_local_port(void *arg, const struct sock_entry *e)
{
    struct latches *s = arg;
    struct latch *l = registry_next(s->d->latches, e->cookie, NULL);
    if (!e->inode && e->state != TCP_TIME_WAIT_STATE)
        note_orphan_latch(s, e);
    real_source_follow(s->d, e);
    for (struct latch *next; l; l = next) {
        next = registry_next(s->d->latches, e->cookie, l);
        if (e->inode && !latch_user_owns_socket(l, e->uid)) {
            registry_drop(s->d->latches, l);
            continue;
        }
        if (l->state != BTNS_S_LISTENER) /* a connected datagram socket */
            l->local = e->local;
        l->seen |= e->inode != 0;
    }
    bool known = registry_next(s->d->latches, e->cookie, NULL) != NULL;
    if (known || !e->inode || (s->asks && s->asks != e->uid) ||
        !guard_of(&s->d->guards, e->protocol, &e->local, &e->remote))
        return;
    struct sock_entry *p = array_grow(s->other, &s->other_room, s->others + 1, sizeof *p);
    if (!p) {
        fail_latch_list(s, ENOMEM, "the list");
        return;
    }
    s->other = p;
    p[s->others++] = *e;
}

/* Adds a guard that lives on without a latch, and may block a new connection or another key. */
static void note_lingering_latch(struct latches *s, const struct guard *g)
{
    bool idle = !g->orphan && (g->state == GS_UP || g->state == GS_CLOSING);
    if (!g->ever_up || g->latches || idle || (s->asks && s->asks != g->uid))
        return;
    for (size_t i = 0; i < s->others; i++) {
        const struct sock_entry *e = &s->other[i];
        if (guard_of(&s->d->guards, e->protocol, &e->local, &e->remote) == g)
            return; /* it is shown as a connection */
    }
    struct lingering *p =
        array_grow(s->lingering, &s->lingering_room, s->lingerings + 1, sizeof *p);
    if (!p) {
        fail_latch_list(s, ENOMEM, "the list");
        return;
    }
    s->lingering = p;
    p[s->lingerings++] = (struct lingering){g->local, g->remote, g->service, g->mirror};
}

static bool fill_lingering_latch(struct latches *s, struct btns_latch_msg *m,
                                 const struct lingering *p)
{
    const struct guard *g = guard_find(&s->d->guards, &p->local, &p->remote, p->service, p->mirror);
    if (g)
        latch_fill_lingering(&s->sad, m, g);
    return g != NULL;
}

/* Fills in the next message. False: the connection has ended meanwhile. */
static bool fill_next_latch(struct latches *s, struct btns_latch_msg *m)
{
    size_t i = s->at++;
    if (i < s->latches) {
        const struct listed *one = &s->latch[i];
        const struct latch *l =
            one->flow ? registry_find_flow(s->d->latches, one->cookie, one->uid, &one->remote)
                      : registry_find(s->d->latches, one->cookie, one->uid);
        if (l)
            latch_fill(&s->sad, m, l);
        return l != NULL;
    }
    i -= s->latches;
    if (i >= s->others)
        return fill_lingering_latch(s, m, &s->lingering[i - s->others]);
    const struct sock_entry *e = &s->other[i];
    const struct guard *g = guard_of(&s->d->guards, e->protocol, &e->local, &e->remote);
    if (g)
        latch_fill_other(&s->sad, m, e, g);
    return g != NULL;
}

static size_t make_latches_page(struct list *l, void *buf)
{
    struct latches *s = (struct latches *)l;
    size_t n = s->latches + s->others + s->lingerings;
    while (s->at < n) {
        struct btns_latch_msg *m = buf;
        *m = (struct btns_latch_msg){.hdr = {BTNS_WIRE_VERSION, BTNS_REP_LATCH, s->id}};
        if (fill_next_latch(s, m))
            return sizeof *m;
    }
    if (s->at++ > n)
        return 0;
    char why[BTNS_TEXT_MAX] = "";
    if (s->error)
        snprintf(why, sizeof why, "%s could not be read completely: %s", s->failed,
                 strerror(s->error));
    *(struct btns_end_msg *)buf = answer_end_message(s->id, s->error, why);
    return sizeof(struct btns_end_msg);
}

static void latches_free(struct list *l)
{
    struct latches *s = (struct latches *)l;
    free(s->latch);
    free(s->other);
    free(s->lingering);
    sad_snapshot_free(&s->sad);
    free(s);
}

bool on_latches(struct btnsd *d, struct request *r)
{
    _Static_assert(sizeof(struct btns_latch_msg) <= BTNS_REPLY_MAX, "does not fit");
    struct latches *s = calloc(1, sizeof *s);
    if (s) {
        *s = (struct latches){.list = {.make = make_latches_page, .free = latches_free},
                              .d = d,
                              .id = r->hdr->id,
                              .asks = r->from.uid};
        for (struct guard *g = d->guards.list; g; g = g->next)
            g->orphan = false;
        struct sockdiag *const of[] = {d->sockets, d->datagrams};
        for (size_t i = 0; i < sizeof of / sizeof *of && of[i]; i++)
            fail_latch_list(s,
                            sockdiag_connections(of[i], &(struct btns_addr){0},
                                                 &(struct btns_addr){0}, note_listed_local_port, s),
                            "the kernel's list of connections");
        registry_each(d->latches, note_listed_latch, s);
        for (const struct guard *g = d->guards.list; g; g = g->next)
            note_lingering_latch(s, g);
        if (s->latches)
            qsort(s->latch, s->latches, sizeof *s->latch, compare_latch_ages);
        if (d->xfrm)
            fail_latch_list(s, sad_snapshot_take(&s->sad, d->xfrm), "the kernel's SAD");
    }
    return answer_list(r->client, r->hdr, s ? &s->list : NULL, r->from.uid);
}
