/*
 * One list of the kernel's connections serves all processes that have accepted connections since
 * the last list. A process can write any count: it only makes btnsd look, and looking takes at most
 * one part in SHARE of btnsd's time, whichever process causes it. Which connections exist, the
 * kernel says. A connection belongs to the process that has its listener's latch; another process
 * of the same program, or of another user than the connection's, must have a descriptor of it. A
 * connection that has ended before btnsd looks leaves no latch, and no line in the audit log.
 */
#include "btnsd/requests/accept_scan.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/base/message_batch.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/accepted.h"
#include "btnsd/requests/held_sockets.h"
#include "btnsd/running/review_latches.h"
#include "btnsd/server/turn.h"
#include "libapi/wire/array.h"

#include <malloc.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define SHARE            20    /* looking takes at most one part in so many of btnsd's time */
#define REST_MOST_MS     10000 /* the longest pause between two looks */
#define DESCRIPTORS_MOST 65536 /* the most that one look reads */
#define FEW_PORTS        4     /* with more ports, the kernel lists all connections at once */
#define LONG_LIST        512   /* connections; after a longer list, its memory is given back */

/* A process that has accepted connections. */
struct acceptor {
    struct hash_link link;
    struct acceptor *next;
    struct ucred who;
    const char *program; /* by intern_set(), while btnsd looks */
    struct held_sockets held;
};

/* A listener, and a process that may have accepted connections there. */
struct place {
    struct btns_addr local;
    uint64_t policy;
    struct acceptor *process;
    bool own; /* the listener's latch is this process's */
};

struct look {
    struct btnsd *d;
    struct acceptor *waiting;
    struct place *place;
    size_t n, room, listed;
    unsigned descriptors; /* how many more may be read */
    bool review;          /* the rules were reviewed since the last look */
};

/* ---- where the processes accept ---- */

/*
 * The processes of a server share its listener, which one of them, or their parent, has made, maybe
 * as root.
 */
static bool may_have_accepted_at(const struct acceptor *p, const struct latch *l)
{
    return l->pid == p->who.pid ||
           (p->program && l->program == p->program && (!l->uid || l->uid == p->who.uid));
}

static void note_accepting_listener(void *arg, struct latch *l)
{
    struct look *k = arg;
    if (l->state != BTNS_S_LISTENER || l->protocol != IPPROTO_TCP)
        return;
    for (struct acceptor *p = k->waiting; p; p = p->next) {
        struct place *more = may_have_accepted_at(p, l)
                                 ? array_grow(k->place, &k->room, k->n + 1, sizeof *more)
                                 : NULL;
        if (!more)
            continue;
        k->place = more;
        k->place[k->n++] = (struct place){l->local, l->policy, p, l->pid == p->who.pid};
    }
}

static void read_acceptor_program(struct acceptor *p)
{
    char path[BTNS_PATH_MAX];
    if (!facts_program(p->who.pid, path, sizeof path))
        return;
    const char *base = strrchr(path, '/');
    intern_set(&p->program, base ? base + 1 : path);
}

static void collect_accept_places(struct look *k)
{
    for (struct acceptor *p = k->waiting; p; p = p->next)
        read_acceptor_program(p);
    registry_each(k->d->latches, note_accepting_listener, k);
}

/* ---- which process has a connection ---- */

static bool is_at_accept_place(const struct place *p, const struct sock_entry *e)
{
    return p->local.port == e->local.port &&
           (btns_addr_is_any(&p->local) || btns_addr_equal(&p->local, &e->local));
}

/* A process that has a descriptor of the connection comes before the one that has the listener. */
static const struct place *find_accept_place(struct look *k, const struct sock_entry *e)
{
    const struct place *own = NULL;
    for (struct place *p = k->place; p < k->place + k->n; p++) {
        if (!is_at_accept_place(p, e))
            continue;
        if (p->own && p->process->who.uid == e->uid)
            own = p;
        else if (held_sockets_has(&p->process->held, p->process->who.pid, e->inode,
                                  &k->descriptors))
            return p;
    }
    return own;
}

static void record_accepted(struct look *k, const struct place *p, const struct sock_entry *e)
{
    const struct btns_flow flow = {.hdr = {BTNS_WIRE_VERSION, BTNS_MSG_ACCEPTED, 0},
                                   .protocol = IPPROTO_TCP,
                                   .cookie = e->cookie,
                                   .policy = p->policy,
                                   .local = e->local,
                                   .remote = e->remote};
    const struct ucred *who = &p->process->who;
    const struct request r = {.fd = -1, .from = *who, .hdr = &flow.hdr, .len = sizeof flow};
    accepted_record(k->d, &r, &flow, true);
    struct latch *l = registry_find(k->d->latches, e->cookie, who->uid);
    if (!l)
        plain_connection_add(&k->d->acceptors.plain, e->cookie);
    else if (k->review) /* it was accepted before, and has missed the review */
        latch_review(k->d, l);
}

static void look_at_accepted(void *arg, const struct sock_entry *e)
{
    struct look *k = arg;
    k->listed++;
    if (!e->inode || registry_find(k->d->latches, e->cookie, e->uid) ||
        plain_connection_has(&k->d->acceptors.plain, e->cookie))
        return;
    const struct place *p = find_accept_place(k, e);
    if (p && !registry_find(k->d->latches, e->cookie, p->process->who.uid))
        record_accepted(k, p, e);
}

/* False: the ports are too many for a list of each. */
static bool note_listed_port(uint16_t port[FEW_PORTS], size_t *n, uint16_t one)
{
    for (size_t i = 0; i < *n; i++)
        if (port[i] == one)
            return true;
    if (*n == FEW_PORTS)
        return false;
    port[(*n)++] = one;
    return true;
}

/* The kernel lists the connections of a port alone, so other users' connections cost little. */
static int list_accepted(struct look *k)
{
    static const struct btns_addr any;
    uint16_t port[FEW_PORTS];
    size_t ports = 0;
    bool few = true;
    for (size_t i = 0; i < k->n && few; i++)
        few = note_listed_port(port, &ports, k->place[i].local.port);
    if (!few)
        return sockdiag_established(k->d->sockets, &any, &any, look_at_accepted, k);
    int rc = 0;
    for (size_t i = 0; i < ports && !rc; i++)
        rc = sockdiag_established(k->d->sockets, &(struct btns_addr){.port = port[i]}, &any,
                                  look_at_accepted, k);
    return rc;
}

static void look_for_accepted(struct look *k)
{
    collect_accept_places(k);
    if (k->n && k->d->sockets && list_accepted(k))
        log_rated(log_warning, "connections that programs accepted",
                  "connections that programs accepted may have no latch: the kernel's list of "
                  "connections cannot be read");
    free(k->place);
    if (k->listed > LONG_LIST)
        malloc_trim(0); /* such a list is not needed again for long */
}

/* ---- when btnsd looks ---- */

static void free_acceptors(struct acceptors *s, struct acceptor *p)
{
    for (struct acceptor *next; p; p = next) {
        next = p->next;
        count_by_user_sub(s->users, p->who.uid);
        intern_set(&p->program, NULL);
        held_sockets_free(&p->held);
        free(p);
    }
}

void accept_scan_now(struct btnsd *d)
{
    struct acceptors *s = &d->acceptors;
    if (!s->waiting)
        return;
    struct look k = {.d = d,
                     .waiting = s->waiting,
                     .descriptors = DESCRIPTORS_MOST,
                     .review = s->evaluation != d->evaluation};
    const uint64_t began = turn_clock();
    s->waiting = NULL;
    hash_table_free(&s->by_process);
    loop_cancel(d->loop, &s->timer);
    batch_begin();
    look_for_accepted(&k);
    batch_end();
    free_acceptors(s, k.waiting);
    s->evaluation = d->evaluation;
    const uint64_t rest_ms = (turn_clock() - began) * SHARE / 1000000;
    s->rests_until = loop_now() + (rest_ms < REST_MOST_MS ? rest_ms : REST_MOST_MS);
}

void accept_scan_soon(struct btnsd *d)
{
    if (loop_now() >= d->acceptors.rests_until)
        accept_scan_now(d);
}

static void on_accept_scan_time(struct timer *t)
{
    accept_scan_now(t->arg);
}

static uint64_t hash_of_acceptor(const struct ucred *who)
{
    return hash_more(hash_begin(), &who->pid, sizeof who->pid);
}

static bool is_acceptor_noted(const struct acceptors *s, const struct ucred *who)
{
    struct hash_link *l = hash_table_first(&s->by_process, hash_of_acceptor(who));
    for (; l; l = hash_table_next(l)) {
        const struct acceptor *p = hash_item(l, offsetof(struct acceptor, link));
        if (p->who.pid == who->pid && p->who.uid == who->uid)
            return true;
    }
    return false;
}

static void note_acceptor(struct acceptors *s, const struct ucred *who)
{
    if (is_acceptor_noted(s, who) || !count_by_user_add(s->users, who->uid, NULL))
        return; /* it is noted when it accepts again */
    struct acceptor *p = calloc(1, sizeof *p);
    if (!p) {
        count_by_user_sub(s->users, who->uid);
        return;
    }
    p->who = *who;
    p->next = s->waiting;
    s->waiting = p;
    hash_table_enter(&s->by_process, &p->link, hash_of_acceptor(who));
}

void accept_scan_expect(struct btnsd *d, const struct request *r, unsigned ms)
{
    struct acceptors *s = &d->acceptors;
    if (r->client_netns != NETNS_OURS)
        return;
    note_acceptor(s, &r->from);
    const uint64_t now = loop_now(), due = now + ms < s->rests_until ? s->rests_until : now + ms;
    if (!s->timer.slot || s->timer.due > due)
        loop_after(d->loop, &s->timer, due - now, on_accept_scan_time, d);
}

void accept_scan_end(struct btnsd *d)
{
    struct acceptors *s = &d->acceptors;
    loop_cancel(d->loop, &s->timer);
    free_acceptors(s, s->waiting);
    s->waiting = NULL;
    hash_table_free(&s->by_process);
    plain_connections_clear(&s->plain);
    count_by_user_free(s->users);
    s->users = NULL;
}
