/* Handles one client: reads its requests, and writes answers no faster than it reads them. */
#include "btnsd/server/client.h"

#include "btnsd/server/passed_fds.h"
#include "btnsd/server/receive.h"
#include "btnsd/server/rings.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TURN      64 /* messages in one turn, before the next client's */
#define LIST_TURN 256
#define OUT_MAX   (1024 * 1024) /* waiting answers outside of lists */
#define STUCK_MS  10000
/*
 * Octets of waiting messages. An unprivileged program can leave at least some 270 messages of 80
 * octets in its socket, and a shim's link has room for ten times as many.
 */
#define FULL 10240

static void drop_client_list(struct client *c)
{
    struct list *l = c->list;
    c->list = l->next;
    count_by_user_sub(c->server->lists, l->uid);
    l->free(l);
}

void client_free(struct client *c)
{
    struct server *s = c->server;
    void (*gone)(void *) = c->gone;
    rings_free_of(c);
    loop_unwatch(s->loop, &c->watch);
    loop_cancel(s->loop, &c->stuck);
    passed_begin(); /* closing it also closes descriptors on their way to us, which may wait */
    close(c->watch.fd);
    passed_end();
    if (c->speaks.by)
        passed_close(c->speaks.process, c->uid);
    outbox_clear(&c->out);
    free(c->kept);
    while (c->list)
        drop_client_list(c);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    s->count--;
    if (c->counted)
        count_by_user_sub(s->users, c->uid);
    c->gone = NULL;
    if (gone)
        gone(c->gone_arg);
    free(c);
}

void client_on_gone(struct client *c, void (*cb)(void *arg), void *arg)
{
    c->gone = cb;
    c->gone_arg = arg;
}

bool client_is_waiting(const struct client *c)
{
    return c->gone != NULL;
}

struct btns_about *client_about(struct client *c)
{
    return &c->about;
}

void client_is_patient(struct client *c)
{
    c->patient = true;
    loop_cancel(c->server->loop, &c->stuck);
}

/* ---- answers ---- */

static void on_client_stuck(struct timer *t);

static void expect_client_reading(struct client *c)
{
    if (c->patient)
        return;
    if (ioctl(c->watch.fd, SIOCOUTQ, &c->unread) < 0)
        c->unread = 0;
    loop_after(c->server->loop, &c->stuck, STUCK_MS, on_client_stuck, c);
}

/*
 * Closes a client that does not read its answers. A slow one may leave them waiting, as long as it
 * reads some.
 */
static void on_client_stuck(struct timer *t)
{
    struct client *c = t->arg;
    int before = c->unread;
    expect_client_reading(c);
    if (c->unread >= before)
        client_peer_give_up(c);
}

/*
 * Waits either for a request or for room to write: a client's next request is read only when it has
 * taken the answers to the last one.
 */
static void await_client(struct client *c, bool room)
{
    struct loop *l = c->server->loop;
    if (room)
        expect_client_reading(c);
    else
        loop_cancel(l, &c->stuck);
    loop_rewatch(l, &c->watch, room ? EPOLLOUT : EPOLLIN);
}

static bool client_has_output(const struct client *c)
{
    return c->out.first || c->list;
}

/*
 * Closes our copy of the passed socket before the program gets its answer: from then on the program
 * alone decides when the socket ends.
 */
static void return_clients_fds(struct client *c)
{
    if (!c->passed || *c->passed < 0)
        return;
    passed_close(*c->passed, c->uid);
    *c->passed = -1;
}

void client_send(struct client *c, const void *msg, size_t len, int fd)
{
    return_clients_fds(c);
    bool waits = client_has_output(c);
    int rc = waits ? -EAGAIN : outbox_send(c->watch.fd, msg, len, fd);
    if (rc == -EAGAIN)
        rc = outbox_put(&c->out, msg, len, fd, OUT_MAX);
    if (rc)
        client_peer_give_up(c);
    else if (!waits && c->out.first)
        await_client(c, true);
}

/* Sends one more message of the list. 0, or -errno of sending it (-EAGAIN: the message is kept). */
static int continue_client_list(struct client *c)
{
    union {
        struct btns_hdr align;
        uint64_t align_too;
        char buf[BTNS_REPLY_MAX];
    } m;
    size_t len = c->list->make(c->list, &m);
    if (!len) {
        drop_client_list(c);
        return 0;
    }
    int rc = outbox_send(c->watch.fd, &m, len, -1);
    if (rc != -EAGAIN)
        return rc;
    rc = outbox_put(&c->out, &m, len, -1, OUT_MAX);
    return rc ? rc : -EAGAIN;
}

/* False: the client cannot be written to any more. */
static bool write_client_more(struct client *c)
{
    unsigned sent;
    int rc = outbox_flush(&c->out, c->watch.fd, &sent);
    for (int i = 0; i < LIST_TURN && !rc && c->list; i++, sent++)
        rc = continue_client_list(c);
    if (rc && rc != -EAGAIN)
        return false;
    if (!client_has_output(c))
        await_client(c, false);
    else if (sent)
        expect_client_reading(c);
    return true;
}

bool client_list(struct client *c, struct list *l, uid_t uid)
{
    struct list **p = &c->list;
    bool waits = client_has_output(c);
    l->uid = uid;
    l->next = NULL;
    if (!count_by_user_add(c->server->lists, uid, NULL)) {
        l->free(l);
        return false;
    }
    while (*p)
        p = &(*p)->next;
    *p = l;
    if (!waits)
        await_client(c, true);
    return true;
}

/* ---- requests ---- */

/*
 * Reads nothing while requests wait, except from a client that has hung up: epoll would report that
 * again and again.
 */
static bool is_client_held(struct client *c, uint32_t events)
{
    struct server *s = c->server;
    bool gone = events & (EPOLLHUP | EPOLLERR);
    if (c->kept && !gone)
        return true;
    bool held = !gone && !c->dead && s->hold && s->hold(s->arg, c->uid);
    if (held && !c->held)
        loop_rewatch(s->loop, &c->watch, 0);
    c->held = held;
    return held;
}

void client_unhold(struct client *c)
{
    if (!c->held)
        return;
    loop_rewatch(c->server->loop, &c->watch, EPOLLIN);
    c->held = false;
    if (c->kept)
        receive_kept(c);
}

/*
 * Reads the rest of the messages that the client had sent at the mark `reading`. False: no time is
 * left.
 */
static bool read_client_left(struct client *c)
{
    struct server *s = c->server;
    const uint64_t round = loop_round(s->loop);
    while (c->left > 0 && !c->dead && !c->held) {
        size_t len = 0;
        if (!turn_has(&s->overtime, c->uid, round, SERVER_OVERTIME))
            return false;
        turn_spend(&s->overtime, c->uid, round, 1);
        int rc = receive_request(c, &len);
        if (rc < 0)
            client_peer_give_up(c);
        if (rc <= 0)
            c->left = 0;
    }
    return true;
}

bool client_read_until(struct client *c, uint64_t mark)
{
    /* A client whose requests wait has no verdict of ours to rely on. */
    while (!c->dead && !c->held && c->read < mark) {
        if (!c->reading && ioctl(c->watch.fd, SIOCINQ, &c->left) < 0)
            client_peer_give_up(c);
        if (!c->reading)
            c->reading = c->server->mark;
        c->full |= c->left > FULL;
        if (!read_client_left(c))
            return false;
        if (c->left <= 0) {
            c->read = c->reading;
            c->reading = 0;
        }
    }
    return true;
}

/* Called after a turn that has left messages unread: the connection may have been full before. */
static void check_how_full_client(struct client *c)
{
    int waiting;
    c->full |= !ioctl(c->watch.fd, SIOCINQ, &waiting) && waiting > FULL;
}

bool client_was_full(struct client *c)
{
    bool was = c->full;
    c->full = false;
    return was;
}

void client_ready(struct watch *w, uint32_t events)
{
    struct client *c = w->arg;
    size_t len;
    int rc = 1;
    if (!client_has_output(c) && is_client_held(c, events))
        return;
    bool ok = !c->dead && (!client_has_output(c) || write_client_more(c));
    struct server *s = c->server;
    const uid_t uid = c->uid;
    const uint64_t round = loop_round(s->loop);
    uint64_t began = turn_clock();
    for (int i = 0; ok && rc > 0 && i < TURN && !client_has_output(c) && !c->held; i++) {
        if (!turn_left(&s->turns, uid, round))
            break; /* the rest is read in the next round, after other clients' requests */
        rc = receive_request(c, &len);
        ok = rc >= 0;
        uint64_t now = turn_clock();
        turn_spend(&s->turns, uid, round, now - began);
        began = now;
    }
    if (!ok || c->dead)
        client_free(c);
    else if (rc > 0)
        check_how_full_client(c);
}
