/* Stores latches soon after they change and when btnsd ends, and restores them at start. */
#include "btnsd/running/persist_latches.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/latch/registry/store.h"
#include "btnsd/latch/registry/store_newest.h"
#include "btnsd/running/reset_connection.h"
#include "libapi/wire/array.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOON_MS               1000
#define TCP_ESTABLISHED_STATE 1
#define TCP_LISTEN_STATE      10
#define SHARE                 20 /* writing takes at most one part in this many of the time */
#define AT_ONCE               16 /* latches written one by one in a round of the loop; more wait for its end */

static struct {
    struct subscriber sub;
    struct btnsd *d;
    const char *path;
    char newest_path[128];
    struct store_newest newest; /* latches that are not in `path` yet */
    struct timer timer, flush;
    uint64_t round; /* the loop's round in which `wrote` latches were written */
    unsigned wrote;
    uint64_t last_ms; /* how long the last writing took */
    int error;        /* -errno of the last writing, or 0 */
} memory;

static void newest_path(const char *path, char newest[sizeof memory.newest_path])
{
    snprintf(newest, sizeof memory.newest_path, "%s.new", path);
}

static void persist_now(void)
{
    uint64_t start = loop_now();
    int rc = store_write(memory.path, memory.d->latches);
    if (rc && rc != memory.error)
        log_warning("%s: %s (a restarted btnsd will not know whose latches these are)", memory.path,
                    strerror(-rc));
    if (!rc)
        store_newest_end(&memory.newest);
    memory.error = rc;
    memory.last_ms = loop_now() - start;
}

static void on_persist_time(struct timer *t)
{
    (void)t;
    persist_now();
}

static void flush_newest_latches(void)
{
    int rc = store_newest_flush(&memory.newest);
    if (rc)
        log_rated(log_warning, "latches that were not written down",
                  "%s: %s (a restarted btnsd may not know whose the newest latches are)",
                  memory.newest.path, strerror(-rc));
}

static void on_persist_flush(struct timer *t)
{
    (void)t;
    flush_newest_latches();
}

static bool is_among_first_latches(void)
{
    uint64_t round = loop_round(memory.d->loop);
    memory.wrote = memory.round == round ? memory.wrote + 1 : 1;
    memory.round = round;
    return memory.wrote <= AT_ONCE;
}

/*
 * Stores a latch before its program may listen or gets its verdict, because a restarted btnsd keeps
 * only the floors of listeners that it knows, and has to know which program each connection belongs
 * to. Thousands of connections under cached verdicts may be reported at once: the first ones are
 * written one by one, the others together at the end of the loop's round.
 */
static void append_persisted_latch(const struct event *e)
{
    const struct latch *l = registry_find(memory.d->latches, e->cookie, e->uid);
    int rc = l && l->state ? store_newest_add(&memory.newest, l) : 0;
    if (rc)
        log_rated(log_warning, "latches that were not written down",
                  "%s: %s (a restarted btnsd will not know this latch)", memory.newest.path,
                  strerror(-rc));
    if (is_among_first_latches())
        flush_newest_latches();
    else if (!memory.flush.slot)
        loop_after(memory.d->loop, &memory.flush, 0, on_persist_flush, NULL);
}

static void on_persisted_event(struct subscriber *s, const struct event *e)
{
    (void)s;
    if (event_is_latch(e->kind))
        append_persisted_latch(e);
    if (event_is_latch(e->kind) && !memory.timer.slot)
        loop_after(memory.d->loop, &memory.timer, SOON_MS + SHARE * memory.last_ms, on_persist_time,
                   NULL);
}

void persist_begin(struct btnsd *d, const char *path)
{
    memory.d = d;
    memory.path = path;
    newest_path(path, memory.newest_path);
    memory.newest = (struct store_newest){.path = memory.newest_path};
    memory.sub.event = on_persisted_event;
    event_subscribe(&d->events, &memory.sub);
    persist_now();
}

void persist_end(struct btnsd *d)
{
    if (memory.d != d)
        return;
    loop_cancel(d->loop, &memory.timer);
    loop_cancel(d->loop, &memory.flush);
    event_unsubscribe(&d->events, &memory.sub);
    persist_now();
    memory.d = NULL;
}

/* ---- restoring ---- */

struct restoring {
    struct btnsd *d;
    struct latch_record *record; /* sorted */
    size_t n, taken;
};

static int compare_latch_cookies(const void *a, const void *b)
{
    const struct latch_record *x = a, *y = b;
    return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

/* By cookie and user, and the newest last. */
static int in_persist_order(const void *a, const void *b)
{
    const struct latch_record *x = a, *y = b;
    int rc = compare_latch_cookies(a, b);
    rc = rc ? rc : (x->uid > y->uid) - (x->uid < y->uid);
    return rc ? rc : (x->at > y->at) - (x->at < y->at);
}

static bool is_latch_outdated(const struct restoring *s, const struct latch_record *r)
{
    return r + 1 < s->record + s->n && r[1].cookie == r->cookie && r[1].uid == r->uid;
}

/* Gives the latch its stored state; an established latch without a guard is closed. */
static void place_persisted_latch(struct btnsd *d, struct latch *l, const struct latch_record *r)
{
    l->state = (enum btns_state)r->state;
    l->code = (uint8_t)r->code;
    intern_set(&l->reason, *r->reason ? r->reason : NULL);
    if (l->state != BTNS_S_ESTABLISHED)
        return;
    struct guard *g = guard_of(&d->guards, l->protocol, &l->local, &l->remote);
    if (g) {
        latch_set_guard(l, g);
        return;
    }
    l->state = BTNS_S_CLOSED;
    l->code = BTNS_R_RESTARTED;
    intern_set(&l->reason, "btnsd was restarted before it was protected");
}

/* Was the latch protected by a peer that cannot prove its key again? */
static bool persisted_has_lost_peer(const struct latch *l)
{
    return latch_state(l) == BTNS_S_CLOSED &&
           (l->guard ? l->guard->code : l->code) == BTNS_R_RESTARTED;
}

static void restore_persisted_latch(struct btnsd *d, const struct latch_record *r,
                                    const struct sock_entry *e)
{
    if (r->state == BTNS_S_LISTENER && e->state != TCP_LISTEN_STATE)
        return;
    const struct latch claimed = {.uid = r->uid, .shown = r->how & LATCH_SHOWN};
    struct latch *l = latch_is_owners(&claimed, e->uid)
                          ? registry_add(d->latches, r->cookie, r->uid, false)
                          : NULL;
    if (!l)
        return;
    l->shown = claimed.shown;
    l->seen = true;
    l->created = r->created < loop_now() ? r->created : loop_now();
    l->pid = (pid_t)r->pid;
    intern_set(&l->program, r->program);
    intern_set(&l->rule, r->rule);
    intern_set(&l->profile, *r->profile ? r->profile : NULL);
    l->protocol = r->protocol;
    l->local = e->local;
    l->remote = r->state == BTNS_S_LISTENER ? r->remote : e->remote;
    l->wish = r->wish;
    l->v6only = r->how & LISTENS_V6ONLY;
    l->policy = r->how & LISTENS_OWN_WAY ? POLICY_LOST : 0;
    place_persisted_latch(d, l, r);
    latch_report(&d->events, l);
    if (persisted_has_lost_peer(l) && e->state == TCP_ESTABLISHED_STATE)
        reset_connection(d, l); /* its packets must not use another SA */
}

/* Restores the latches of a socket that the kernel still has and a program holds. */
static void persisted_socket_found(void *arg, const struct sock_entry *e)
{
    struct restoring *s = arg;
    struct latch_record key = {.cookie = e->cookie};
    const struct latch_record *r =
        bsearch(&key, s->record, s->n, sizeof key, compare_latch_cookies);
    if (!r || !e->inode)
        return;
    while (r > s->record && r[-1].cookie == e->cookie)
        r--; /* several users may have announced the cookie */
    for (; r < s->record + s->n && r->cookie == e->cookie; r++)
        if (!is_latch_outdated(s, r)) {
            restore_persisted_latch(s->d, r, e);
            s->taken++;
        }
}

static void add_appended_latch(struct restoring *s, const char *path)
{
    char newest[sizeof memory.newest_path];
    struct latch_record *more, *all;
    struct err err;
    newest_path(path, newest);
    int n = store_read_appended(newest, &more, &err);
    if (n < 0)
        log_warning("%s", err.text);
    size_t room = s->n;
    all = n > 0 ? array_grow(s->record, &room, s->n + (size_t)n, sizeof *all) : NULL;
    if (all) {
        memcpy(all + s->n, more, (size_t)n * sizeof *all);
        for (size_t i = 0; i < (size_t)n; i++)
            all[s->n + i].at += s->n;
        s->record = all;
        s->n += (size_t)n;
    }
    if (n > 0)
        free(more);
}

bool persist_restore(struct btnsd *d, const char *path)
{
    static const struct btns_addr any;
    struct err err;
    struct restoring s = {.d = d};
    int n = store_read(path, &s.record, &err);
    if (n < 0)
        log_warning("%s", err.text);
    s.n = n > 0 ? (size_t)n : 0;
    add_appended_latch(&s, path);
    if (!s.n)
        return n == 0 && !access(path, F_OK);
    qsort(s.record, s.n, sizeof *s.record, in_persist_order);
    int rc = sockdiag_connections(d->sockets, &any, &any, persisted_socket_found, &s);
    rc = sockdiag_listeners(d->sockets, persisted_socket_found, &s) ?: rc;
    if (rc)
        log_warning("the kernel's connections cannot be read, so some latches are not known: %s",
                    strerror(-rc));
    log_debug("%zu latches written down, %zu of them live", s.n, s.taken);
    free(s.record);
    return n >= 0 && !rc;
}
