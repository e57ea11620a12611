/*
 * Finds accepted connections that have no latch, by one list of the kernel's connections for all
 * programs that may have missed some. What told_of_own() asks of a message holds here too: the
 * kernel says that the sender's user has the connection. A connection that has ended by then leaves
 * no latch, and no line in the audit log.
 */
#include "btnsd/requests/missed_accepts.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/accepted.h"
#include "libapi/wire/array.h"

#include <malloc.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 1000 /* most of the messages that did find room are read by then */
#define SHARE   100  /* of btnsd's time that looking may take: one in so many parts */

/* A listener, and the process whose connections it may have accepted. */
struct place {
    struct btns_addr local;
    uint64_t policy;
    const struct ucred *process;
};

struct missed {
    struct btnsd *d;
    const struct ucred *process;     /* whose listeners are being collected */
    const char *program[FULL_LINKS]; /* of each process, by intern_set() */
    unsigned at;                     /* which process that is */
    struct place *place;
    size_t n, room;
    unsigned found;
};

/*
 * The processes of a server share its listener, which one of them, or their parent, has made, maybe
 * as root.
 */
static bool is_listener_of(const struct missed *m, const struct latch *l)
{
    return l->state == BTNS_S_LISTENER && l->protocol == IPPROTO_TCP &&
           (l->pid == m->process->pid ||
            ((!l->uid || l->uid == m->process->uid) && l->program == m->program[m->at]));
}

static void note_listener(void *arg, struct latch *l)
{
    struct missed *m = arg;
    if (!is_listener_of(m, l))
        return;
    struct place *more = array_grow(m->place, &m->room, m->n + 1, sizeof *more);
    if (!more)
        return;
    m->place = more;
    m->place[m->n++] = (struct place){l->local, l->policy, m->process};
}

static bool is_at(const struct place *p, const struct sock_entry *e)
{
    return p->local.port == e->local.port && p->process->uid == e->uid &&
           (btns_addr_is_any(&p->local) || btns_addr_equal(&p->local, &e->local));
}

static void record(struct btnsd *d, const struct place *p, const struct sock_entry *e)
{
    const struct btns_flow flow = {.hdr = {BTNS_WIRE_VERSION, BTNS_MSG_ACCEPTED, 0},
                                   .protocol = IPPROTO_TCP,
                                   .cookie = e->cookie,
                                   .policy = p->policy,
                                   .local = e->local,
                                   .remote = e->remote};
    const struct request r = {.fd = -1, .from = *p->process, .hdr = &flow.hdr, .len = sizeof flow};
    accepted_record(d, &r, &flow, true);
}

static void look_at_connection(void *arg, const struct sock_entry *e)
{
    struct missed *m = arg;
    if (!e->inode || registry_find(m->d->latches, e->cookie, e->uid))
        return;
    for (size_t i = 0; i < m->n; i++) {
        if (!is_at(&m->place[i], e))
            continue;
        record(m->d, &m->place[i], e);
        m->found += registry_find(m->d->latches, e->cookie, e->uid) != NULL;
        return;
    }
}

/* An earlier process with the same user and program has the same listeners. */
static bool is_another(const struct missed *m, const struct full_links *f)
{
    for (unsigned i = 0; i < m->at; i++)
        if (m->program[i] == m->program[m->at] && f->process[i].uid == m->process->uid)
            return false;
    return true;
}

static void collect_places(struct missed *m, const struct full_links *f)
{
    char path[BTNS_PATH_MAX];
    for (m->at = 0; m->at < f->n; m->at++) {
        m->process = &f->process[m->at];
        if (!facts_program(m->process->pid, path, sizeof path))
            continue;
        const char *base = strrchr(path, '/');
        intern_set(&m->program[m->at], base ? base + 1 : path);
        if (is_another(m, f))
            registry_each(m->d->latches, note_listener, m);
    }
    for (unsigned i = 0; i < f->n; i++)
        intern_set(&m->program[i], NULL);
}

/* The kernel lists the connections of one port alone, if all places have it. */
static int look_at_connections(struct missed *m)
{
    static const struct btns_addr any;
    struct btns_addr local = {.port = m->place[0].local.port};
    for (size_t i = 0; i < m->n; i++)
        if (m->place[i].local.port != local.port)
            local.port = 0;
    return sockdiag_connections(m->d->sockets, &local, &any, look_at_connection, m);
}

static void on_look(struct timer *t)
{
    struct btnsd *d = t->arg;
    struct missed m = {.d = d};
    const uint64_t began = loop_now();
    collect_places(&m, &d->full_links);
    if (m.n && d->sockets && look_at_connections(&m))
        log_warning("connections that programs accepted may have no latch: the kernel's list of "
                    "connections cannot be read");
    if (m.found)
        log_note("programs accepted connections faster than they could report them: %u of them "
                 "were found in the kernel's list",
                 m.found);
    d->full_links.n = 0;
    d->full_links.rest_ms = (loop_now() - began) * SHARE;
    free(m.place);
    malloc_trim(0); /* the list was long, and is not needed again for long */
}

void missed_accepts_expect(struct btnsd *d, const struct request *r)
{
    struct full_links *f = &d->full_links;
    unsigned i = 0;
    while (i < f->n && !(f->process[i].pid == r->from.pid && f->process[i].uid == r->from.uid))
        i++;
    if (i == FULL_LINKS || r->client_netns != NETNS_OURS)
        return; /* a process for which there is no place here is noted the next time */
    f->process[i] = r->from;
    f->n += i == f->n;
    if (!f->look.slot)
        loop_after(d->loop, &f->look, LOOK_MS + f->rest_ms, on_look, d);
}
