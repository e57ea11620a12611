/*
 * btnsctl watch: sends events through a short queue for each client, and counts those that do not
 * fit.
 */
#include "btnsd/base/count_by_user.h"
#include "btnsd/base/intern.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/accepted.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/lost_sockets.h"
#include "libapi/btns/ipsec.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE 256

struct queued {
    struct queued *next;
    struct btns_event_msg msg;
};

struct watcher {
    struct list list; /* while the queue is being sent */
    struct subscriber sub;
    struct watcher *next;
    struct btnsd *d;
    struct client *client;
    uint32_t id;
    uid_t uid;
    bool sending;
    bool library;     /* events are sent as attributes, for libbtns, ... */
    uint16_t version; /* ... in this version, in which it asked */
    struct watched {
        uint64_t cookie;
        struct btns_addr remote; /* family 0: whatever address the socket is connected to */
    } watched[BTNS_WATCHES_MAX];
    size_t sockets; /* 0: all latches of the user */
    struct queued *first, **last;
    size_t n;
    uint64_t lost; /* events lost after the newest in the queue */
};

static bool watcher_wants(const struct watcher *w, const struct event *e)
{
    for (const struct watched *s = w->watched; s < w->watched + w->sockets; s++)
        if (s->cookie == e->cookie &&
            (!s->remote.family || btns_addr_equal(&s->remote, &e->remote)))
            return true;
    return false;
}

static bool event_concerns_watcher(const struct watcher *w, const struct event *e)
{
    bool own = event_is_latch(e->kind) && (!w->uid || w->uid == e->uid);
    return w->sockets ? own && watcher_wants(w, e) : own || !event_is_latch(e->kind);
}

static void fill_watch_event(struct btns_event_msg *m, const struct event *e)
{
    *m = (struct btns_event_msg){
        .kind = e->kind,
        .reason = e->reason,
        .state = e->state,
        .pid = (uint32_t)e->pid,
        .uid = e->uid,
        .cookie = e->cookie,
        .time = (uint64_t)time(NULL),
        .count = e->count,
        .local = e->local,
        .remote = e->remote,
        .has_key = e->key != NULL,
    };
    if (e->key) {
        memcpy(m->key, e->key->raw, sizeof m->key);
        m->hashed = e->key->hashed;
    }
    snprintf(m->program, sizeof m->program, "%s", e->program);
    snprintf(m->suite, sizeof m->suite, "%s", e->suite);
    snprintf(m->rule, sizeof m->rule, "%s", e->rule);
    snprintf(m->text, sizeof m->text, "%s", e->text);
}

static void put_watched_event(struct watcher *w, const struct event *e)
{
    /* After a lost event, none is queued until the client has the count of lost events. */
    struct queued *q = w->n < QUEUE && !w->lost ? malloc(sizeof *q) : NULL;
    if (q) {
        fill_watch_event(&q->msg, e);
        q->msg.hdr = (struct btns_hdr){BTNS_WIRE_VERSION, BTNS_REP_EVENT, w->id};
        q->next = NULL;
        *w->last = q;
        w->last = &q->next;
        w->n++;
    } else {
        w->lost++;
    }
    if (!w->sending)
        w->sending = client_list(w->client, &w->list, w->uid);
}

static void on_watched_event(struct subscriber *s, const struct event *e)
{
    struct watcher *w = (void *)((char *)s - offsetof(struct watcher, sub));
    if (event_concerns_watcher(w, e))
        put_watched_event(w, e);
}

static void take_oldest_watched_event(struct watcher *w, struct btns_event_msg *m)
{
    struct queued *q = w->first;
    *m = q->msg;
    w->first = q->next;
    if (!--w->n)
        w->last = &w->first;
    free(q);
}

/* The event in the form that libbtns understands. */
static size_t encode_watched_event(void *buf, uint16_t version, const struct btns_event_msg *m)
{
    const struct btns_hdr h = {version, BTNS_API_EVENT, m->hdr.id};
    struct attrs_out o = {.buf = buf, .room = BTNS_REPLY_MAX, .len = sizeof h};
    memcpy(buf, &h, sizeof h);
    attrs_put_u32(&o, BTNS_API_KIND, m->kind == BTNS_E_LOST ? IPSEC_EVENT_LOST : IPSEC_EVENT_STATE);
    attrs_put_u64(&o, BTNS_API_COOKIE, m->cookie);
    attrs_put_u64(&o, BTNS_API_TIME, m->time);
    attrs_put_u32(&o, IPSEC_CHANNEL_STATE, m->state);
    attrs_put_u32(&o, IPSEC_CHANNEL_REASON_CODE, m->reason);
    attrs_put_text(&o, IPSEC_CHANNEL_REASON, m->text);
    return o.len;
}

static size_t make_watch_page(struct list *l, void *buf)
{
    struct watcher *w = (struct watcher *)l;
    struct btns_event_msg m;
    if (w->library && w->first) {
        take_oldest_watched_event(w, &m);
        return encode_watched_event(buf, w->version, &m);
    }
    if (w->first) {
        take_oldest_watched_event(w, buf);
    } else if (w->lost) {
        struct event lost = {.kind = BTNS_E_LOST, .count = w->lost};
        lost.program = lost.suite = lost.rule = lost.text = "";
        fill_watch_event(buf, &lost);
        *(struct btns_hdr *)buf = (struct btns_hdr){BTNS_WIRE_VERSION, BTNS_REP_EVENT, w->id};
        w->lost = 0;
        m = *(struct btns_event_msg *)buf;
        if (w->library)
            return encode_watched_event(buf, w->version, &m);
    } else {
        return 0;
    }
    return sizeof(struct btns_event_msg);
}

static void watch_list_sent(struct list *l)
{
    ((struct watcher *)l)->sending = false;
}

static void on_watcher_gone(void *arg)
{
    struct watcher *w = arg, **p = &w->d->watchers;
    struct btns_event_msg ignored;
    while (*p != w)
        p = &(*p)->next;
    *p = w->next;
    event_unsubscribe(&w->d->events, &w->sub);
    count_by_user_sub(w->d->watching, w->uid);
    while (w->first)
        take_oldest_watched_event(w, &ignored);
    free(w);
}

static struct watcher *watcher_new(struct btnsd *d, const struct request *r, struct err *err)
{
    err_set(err, "btnsd is out of memory");
    if (!d->watching)
        d->watching = count_by_user_new(LIMIT_WATCHERS);
    struct watcher *w = d->watching ? calloc(1, sizeof *w) : NULL;
    if (!w || !count_by_user_add(d->watching, r->from.uid, err)) {
        free(w);
        return NULL;
    }
    w->list = (struct list){.make = make_watch_page, .free = watch_list_sent};
    w->sub.event = on_watched_event;
    w->d = d;
    w->client = r->client;
    w->id = r->hdr->id;
    w->uid = r->from.uid;
    w->last = &w->first;
    w->next = d->watchers;
    d->watchers = w;
    event_subscribe(&d->events, &w->sub);
    client_on_gone(r->client, on_watcher_gone, w);
    client_is_patient(r->client);
    return w;
}

/* Sends the latch's state now, so that the client misses no change before the first event. */
static void send_first_watched_state(struct watcher *w, uint64_t cookie, const struct latch *l)
{
    struct event e = {.kind = BTNS_E_WATCHING, .cookie = cookie, .uid = w->uid};
    e.program = e.suite = e.rule = e.text = "";
    if (l) {
        e.state = (enum btns_state)latch_state(l);
        e.reason = (enum btns_reason)l->code;
        e.pid = l->pid;
        e.local = l->local;
        e.remote = l->remote;
        e.program = l->program;
        e.rule = l->rule;
    }
    put_watched_event(w, &e);
}

static const struct latch *watched_latch(const struct watcher *w, uint64_t cookie)
{
    return w->uid ? registry_find(w->d->latches, cookie, w->uid)
                  : registry_next(w->d->latches, cookie, NULL);
}

static struct watcher *watcher_of(struct btnsd *d, const struct client *c)
{
    struct watcher *w = d->watchers;
    while (w && w->client != c)
        w = w->next;
    return w;
}

bool on_watch(struct btnsd *d, struct request *r)
{
    struct btns_watch m;
    struct err err;
    struct watcher *w = watcher_of(d, r->client);
    memcpy(&m, r->hdr, sizeof m);
    if (w ? w->library || !m.cookie || !w->sockets || w->sockets == BTNS_WATCHES_MAX ||
                w->uid != r->from.uid
          : client_is_waiting(r->client))
        return false; /* watches twice or too many latches, or waits for another answer */
    if (!w && !(w = watcher_new(d, r, &err))) {
        answer_end(r->client, r->hdr, EBUSY, err.text);
        return true;
    }
    if (m.cookie)
        w->watched[w->sockets++] = (struct watched){.cookie = m.cookie};
    send_first_watched_state(w, m.cookie, m.cookie ? watched_latch(w, m.cookie) : NULL);
    return true;
}

/*
 * A connection that was accepted without the shim has no latch whose changes could be reported:
 * makes one.
 */
static void make_watched_latch(struct btnsd *d, const struct request *r,
                               const struct socket_facts *f)
{
    struct btns_flow q = {
        .protocol = (uint16_t)f->protocol, .cookie = f->cookie, .local = f->local};
    if (!registry_find(d->latches, f->cookie, r->from.uid) && facts_peer(r->fd, &q.remote))
        accepted_record(d, r, &q, true);
}

/*
 * The same for a datagram socket that was connected without the shim. If no guard protects it, no
 * latch is made.
 */
static const struct latch *watched_flow_latch(struct btnsd *d, const struct request *r,
                                              const struct socket_facts *f,
                                              const struct btns_addr *remote)
{
    struct latch *l = registry_find_flow(d->latches, f->cookie, r->from.uid, remote);
    struct guard *g = l ? NULL : guard_of(&d->guards, (uint8_t)f->protocol, &f->local, remote);
    if (g)
        l = registry_add_flow(d->latches, f->cookie, r->from.uid, remote);
    if (!g || !l)
        return l;
    l->pid = r->from.pid;
    l->state = BTNS_S_ESTABLISHED;
    l->protocol = (uint8_t)f->protocol;
    l->local = f->local;
    l->remote = *remote;
    l->accepted = g->mirror;
    intern_set(&l->program, "-");
    intern_set(&l->rule, "");
    latch_set_guard(l, g);
    latch_report(&d->events, l);
    lost_sockets_expect(d);
    return l;
}

/* Finds which flow of a datagram socket is meant: the one to the address it is connected to. */
static int look_at_watched(const struct request *r, struct socket_facts *f, struct watched *s,
                           struct err *err)
{
    int rc = facts_transport(r->fd, f, err);
    *s = (struct watched){.cookie = f->cookie};
    if (rc || !protocol_is_datagrams((uint8_t)f->protocol) || facts_peer(r->fd, &s->remote))
        return rc;
    err_set(err, "only a connected datagram socket can be watched: it has one peer");
    return -ENOTCONN;
}

bool on_api_watch(struct btnsd *d, struct request *r)
{
    struct socket_facts f;
    struct watched s;
    struct err err = {""};
    struct watcher *w = watcher_of(d, r->client);
    int rc = look_at_watched(r, &f, &s, &err);
    if (w ? !w->library || w->uid != r->from.uid || w->sockets == BTNS_WATCHES_MAX
          : client_is_waiting(r->client))
        return false;
    if (!rc && !w && !(w = watcher_new(d, r, &err)))
        rc = -EBUSY;
    if (rc) {
        api_answer(r->client, r->hdr, -rc, err.text);
        return true;
    }
    w->library = true;
    w->version = r->hdr->version;
    const struct latch *l = s.remote.family ? watched_flow_latch(d, r, &f, &s.remote) : NULL;
    if (!s.remote.family) {
        make_watched_latch(d, r, &f);
        l = watched_latch(w, f.cookie);
    }
    w->watched[w->sockets++] = s;
    send_first_watched_state(w, f.cookie, l);
    return true;
}
