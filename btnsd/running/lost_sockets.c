/* Drops latches and socket policies of sockets whose end the kernel did not report. */
#include "btnsd/running/lost_sockets.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/plan/facts.h"
#include "btnsd/running/socket_owner.h"
#include "btnsd/users/socket_wishes.h"
#include "libapi/wire/array.h"

#include <stdlib.h>

/*
 * The kernel lists no socket that is neither connected nor listening. After this time, a socket
 * that a program announced is connected or listening, or its connect() has failed.
 */
#define SURE_MS 61000

struct live_socket {
    uint64_t cookie;
    uid_t uid;
};

struct live {
    struct live_socket *socket; /* sorted */
    size_t n, room;
    bool failed;
};

static void note_live_socket(void *arg, const struct sock_entry *e)
{
    struct live *v = arg;
    if (!e->cookie || !e->inode)
        return; /* no program has this socket any more */
    struct live_socket *more = array_grow(v->socket, &v->room, v->n + 1, sizeof *more);
    v->failed |= !more;
    if (!more)
        return;
    v->socket = more;
    v->socket[v->n++] = (struct live_socket){e->cookie, e->uid};
}

static int compare_cookies(const void *a, const void *b)
{
    const struct live_socket *x = a, *y = b;
    return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static bool read_live_sockets(const struct btnsd *d, struct live *v)
{
    static const struct btns_addr any;
    bool ok = !sockdiag_connections(d->sockets, &any, &any, note_live_socket, v) &&
              !sockdiag_listeners(d->sockets, note_live_socket, v);
    if (ok && d->datagrams)
        ok = !sockdiag_listeners(d->datagrams, note_live_socket, v);
    ok = ok && !v->failed;
    if (ok && v->n)
        qsort(v->socket, v->n, sizeof *v->socket, compare_cookies);
    return ok;
}

#define PROCESSES 256

struct sweep {
    struct btnsd *d;
    struct live live;
    bool read;               /* `live` was read */
    bool failed;             /* `live` could not be read */
    bool lost, again;        /* a latch of this kind cannot be judged yet */
    pid_t living[PROCESSES]; /* processes known to live, by number */
};

static bool wish_process_lives(struct sweep *s, const struct latch *l, uint64_t age)
{
    pid_t *known = &s->living[l->pid % PROCESSES];
    if (*known == l->pid)
        return true;
    bool lives = l->pid > 0 && facts_process_lives(l->pid, age);
    if (lives)
        *known = l->pid;
    return lives;
}

static const struct live_socket *find_live_socket(struct sweep *s, uint64_t cookie)
{
    const struct live_socket one = {.cookie = cookie};
    if (!s->read && !s->failed) {
        s->read = read_live_sockets(s->d, &s->live);
        s->failed = !s->read;
    }
    return s->live.n ? bsearch(&one, s->live.socket, s->live.n, sizeof one, compare_cookies) : NULL;
}

static void check_latch_socket(void *arg, struct latch *l)
{
    struct sweep *s = arg;
    uint64_t age = loop_now() - l->created;
    bool lost = l->created <= s->d->lost; /* the report that this socket ended may be lost */
    if (l->seen && !lost)
        return;
    if (age < SURE_MS || (!lost && wish_process_lives(s, l, age))) {
        *(lost ? &s->lost : &s->again) = true;
        return;
    }
    const struct live_socket *live = find_live_socket(s, l->cookie);
    if (s->failed)
        *(lost ? &s->lost : &s->again) = true;
    else if (!live || !latch_user_owns_socket(l, live->uid))
        registry_drop(s->d->latches, l);
    else
        l->seen = true;
}

/*
 * A socket that was idle all the time loses its policy, too: otherwise the policy of a lost socket
 * would count against its user for ever. The socket stays shut, and its program is told to set the
 * policy again.
 */
static void check_wish_socket(void *arg, struct socket_wish *w)
{
    struct sweep *s = arg;
    if (w->since > s->d->lost)
        return;
    if (loop_now() - w->since < SURE_MS)
        s->lost = true;
    else if (!find_live_socket(s, w->cookie) && !s->failed)
        socket_wish_drop(s->d->wishes, w->cookie);
    else
        s->lost |= s->failed;
}

static void on_lost_sockets_time(struct timer *t)
{
    lost_sockets_sweep(t->arg);
}

void lost_sockets_sweep(struct btnsd *d)
{
    struct sweep s = {.d = d};
    registry_each(d->latches, check_latch_socket, &s);
    socket_wishes_each(d->wishes, check_wish_socket, &s);
    free(s.live.socket);
    if (d->lost) {
        guards_socket_gone(&d->guards, &(struct sock_entry){.cookie = 0});
        floors_sweep(&d->floors, NULL);
    }
    if (!s.lost)
        d->lost = 0;
    if (s.lost || s.again)
        lost_sockets_expect(d);
}

void lost_sockets_compare(struct btnsd *d)
{
    log_warning(
        "the kernel told of more ends of sockets than could be read: all latches are compared");
    event_emit(&d->events,
               &(struct event){.kind = BTNS_E_RESYNC, .text = "reports about ends of sockets"});
    d->lost = loop_now();
    plain_connections_clear(&d->acceptors.plain);
    lost_sockets_sweep(d);
}

void lost_sockets_expect(struct btnsd *d)
{
    if (!d->sweep.slot)
        loop_after(d->loop, &d->sweep, SURE_MS, on_lost_sockets_time, d);
}
