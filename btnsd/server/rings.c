/*
 * The rings that clients have offered. A program puts messages into its ring only while a field
 * there says that btnsd reads it. That is so from the first message on the program's connection
 * until nothing has come for a while. So rings cost an idle btnsd nothing, and a message waits at
 * most LOOK_MS, or less if an answer depends on it.
 */
#include "btnsd/server/rings.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/base/message_batch.h"
#include "btnsd/server/client.h"
#include "btnsd/server/shared_ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LOOK_MS 10 /* between looks */
#define PATIENT 20 /* reads of an empty ring before btnsd stops reading it */

struct ring {
    struct ring *next, **link;
    struct client *client;
    struct ucred from;  /* the process that offered it */
    struct watch owner; /* that process's pidfd */
    struct btns_ring *memory;
    uint64_t btnsd;
    bool awake;
    unsigned vain;     /* reads in a row that found nothing */
    unsigned at;       /* the slot to read next */
    uint64_t pass;     /* the mark (server_mark()) at which slot 0 was read last */
    uint64_t read;     /* everything written before this mark was handled */
    uint64_t accepted; /* the count of accepted connections that was seen last */
    bool has_kept;     /* a message that waits for its user's policies */
    struct btns_flow kept;
};

static bool is_ring_message(const struct btns_flow *f)
{
    return f->hdr.type == BTNS_MSG_CONNECTING || f->hdr.type == BTNS_MSG_ACCEPTED;
}

/* Handles the message as if the process that offered the ring had sent it on the connection. */
static void handle_ring_message(struct ring *h, const struct btns_flow *f)
{
    struct client *c = h->client;
    struct server *s = c->server;
    struct request r = {.client = c,
                        .fd = -1,
                        .from = h->from,
                        .opener = c->opener,
                        .client_netns = c->netns,
                        .shared = true,
                        .hdr = &f->hdr,
                        .len = sizeof *f};
    if (!is_ring_message(f) || !s->handler(s->arg, &r)) {
        client_peer_give_up(c);
    } else if (r.early) {
        h->kept = *f;
        h->has_kept = true;
    }
}

static bool is_ring_held(const struct ring *h)
{
    struct server *s = h->client->server;
    return s->hold && s->hold(s->arg, h->from.uid);
}

/* Which of the user's two budgets pays for reading. */
enum budget { TURN, OVERTIME };

static bool ring_has_time(struct ring *h, enum budget t)
{
    struct server *s = h->client->server;
    const uint64_t round = loop_round(s->loop);
    return t == TURN ? turn_left(&s->turns, h->from.uid, round)
                     : turn_has(&s->overtime, h->from.uid, round, SERVER_OVERTIME);
}

static void spend_ring_time(struct ring *h, enum budget t, uint64_t began)
{
    struct server *s = h->client->server;
    const uint64_t round = loop_round(s->loop);
    if (t == TURN)
        turn_spend(&s->turns, h->from.uid, round, turn_clock() - began);
    else
        turn_spend(&s->overtime, h->from.uid, round, 1);
}

/* Must all messages in the ring wait? */
static bool is_ring_at_rest(const struct ring *h)
{
    return h->client->dead || h->has_kept || is_ring_held(h);
}

/*
 * Did the user's turn end in the middle of the ring? Then the rest is read in the next round of the
 * loop.
 */
static bool is_ring_cut(const struct ring *h)
{
    return h->awake && h->at && !is_ring_at_rest(h);
}

static void read_ring_kept(struct ring *h)
{
    struct btns_flow f = h->kept;
    if (!h->has_kept || h->client->dead || is_ring_held(h))
        return;
    h->has_kept = false;
    handle_ring_message(h, &f);
}

/*
 * A program that has counted more accepted connections is treated as if it had sent a message that
 * names none. The count is in the program's memory, so it is used for nothing else.
 */
static bool read_ring_count(struct ring *h)
{
    const struct btns_flow f = {.hdr = {BTNS_WIRE_VERSION, BTNS_MSG_ACCEPTED, 0}};
    const uint64_t now = shared_ring_accepted(h->memory);
    if (now == h->accepted || is_ring_at_rest(h))
        return false;
    h->accepted = now;
    handle_ring_message(h, &f);
    return true;
}

/*
 * Reads the remaining slots of this pass, each one once: a program that goes on writing cannot keep
 * btnsd here. False: the user's time ran out before the end.
 */
static bool read_ring_slots(struct ring *h, enum budget t, bool *any)
{
    struct btns_flow f;
    for (; h->at < BTNS_RING_SLOTS && !is_ring_at_rest(h); h->at++) {
        if (!ring_has_time(h, t))
            return false;
        if (!h->at)
            h->pass = h->client->server->mark;
        if (!shared_ring_take(h->memory, h->at, &f))
            continue;
        uint64_t began = t == TURN ? turn_clock() : 0;
        handle_ring_message(h, &f);
        spend_ring_time(h, t, began);
        *any = true;
    }
    if (h->at == BTNS_RING_SLOTS) {
        h->at = 0;
        h->read = h->pass;
    }
    return true;
}

static bool read_ring_pass(struct ring *h, enum budget t, bool *any)
{
    batch_begin();
    *any |= read_ring_count(h);
    bool whole = read_ring_slots(h, t, any);
    batch_end();
    return whole;
}

/* Reads the ring once, from where the last read ended. True: it has messages, or may have some. */
static bool look_into_ring(struct ring *h)
{
    bool any = h->has_kept;
    read_ring_kept(h);
    return !read_ring_pass(h, TURN, &any) || any;
}

/*
 * Reads as much as there is time for. True: no message from before the mark is left that can be
 * handled.
 */
static bool read_ring_until(struct ring *h, uint64_t mark)
{
    bool any = false;
    read_ring_kept(h);
    while (h->read < mark && !is_ring_at_rest(h))
        if (!read_ring_pass(h, OVERTIME, &any))
            return false;
    return true;
}

/*
 * Frees the ring: from now on the program sends its messages. Those already in the ring are
 * handled.
 */
static void free_ring(struct ring *h)
{
    struct server *s = h->client->server;
    shared_ring_set_reader(h->memory, 0);
    read_ring_until(h, ++s->mark);
    loop_unwatch(s->loop, &h->owner);
    close(h->owner.fd);
    shared_ring_unmap(h->memory);
    count_by_user_sub(s->rings_of, h->from.uid);
    h->client->rings--;
    *h->link = h->next;
    if (h->next)
        h->next->link = h->link;
    free(h);
}

static void put_ring_to_sleep(struct ring *h)
{
    shared_ring_set_reader(h->memory, 0);
    h->awake = !read_ring_until(h, ++h->client->server->mark);
    if (h->awake)
        shared_ring_set_reader(h->memory, h->btnsd);
}

static void on_rings_look(struct timer *t);

static void expect_ring_messages(struct server *s, uint64_t ms)
{
    if (!s->look.slot)
        loop_after(s->loop, &s->look, ms, on_rings_look, s);
}

void rings_look(struct server *s)
{
    for (struct ring *h = s->rings; h; h = h->next)
        if (h->awake && look_into_ring(h))
            h->vain = 0;
}

static void on_rings_look(struct timer *t)
{
    struct server *s = t->arg;
    bool any = false, cut = false;
    rings_look(s);
    for (struct ring *h = s->rings; h; h = h->next) {
        if (h->awake && h->vain++ >= PATIENT && !h->has_kept)
            put_ring_to_sleep(h);
        any |= h->awake;
        cut |= is_ring_cut(h);
    }
    if (any)
        expect_ring_messages(s, cut ? 1 : LOOK_MS);
}

static void wake_ring(struct ring *h)
{
    h->vain = 0;
    if (!h->awake)
        shared_ring_set_reader(h->memory, h->btnsd);
    h->awake = true;
    expect_ring_messages(h->client->server, LOOK_MS);
}

void rings_wake(struct client *c, pid_t pid)
{
    for (struct ring *h = c->rings ? c->server->rings : NULL; h; h = h->next)
        if (h->client == c && h->from.pid == pid)
            wake_ring(h);
}

/*
 * The caller has moved the epoch. The fence makes sure that a program which fills a slot either
 * sees the new epoch afterwards, or has filled the slot before it is read here.
 */
bool rings_read_until(struct server *s, uint64_t mark)
{
    bool all = true;
    atomic_thread_fence(memory_order_seq_cst);
    for (struct ring *h = s->rings; h; h = h->next)
        all &= read_ring_until(h, mark);
    return all;
}

void rings_free_of(struct client *c)
{
    for (struct ring *h = c->rings ? c->server->rings : NULL, *next; h; h = next) {
        next = h->next;
        if (h->client == c)
            free_ring(h);
    }
}

/* The process number may be reused from now on. The connection may live on in a forked child. */
static void on_ring_owner_ended(struct watch *w, uint32_t events)
{
    struct ring *h = w->arg;
    (void)events;
    free_ring(h);
}

static bool client_has_ring(const struct client *c, pid_t pid)
{
    const struct ring *h = c->rings ? c->server->rings : NULL;
    while (h && !(h->client == c && h->from.pid == pid))
        h = h->next;
    return h != NULL;
}

static struct ring *new_ring(struct client *c, struct btns_ring *memory, const struct ucred *from)
{
    struct server *s = c->server;
    struct ring *h = calloc(1, sizeof *h);
    int process = h ? client_peer_process(c, from->pid) : -1;
    if (process < 0 || loop_watch(s->loop, &h->owner, process, EPOLLIN, on_ring_owner_ended, h)) {
        if (process >= 0)
            close(process);
        free(h);
        return NULL;
    }
    h->client = c;
    h->from = *from;
    h->memory = memory;
    h->next = s->rings;
    h->link = &s->rings;
    if (h->next)
        h->next->link = &h->next;
    s->rings = h;
    c->rings++;
    return h;
}

bool client_offers_ring(struct client *c, int fd, const struct ucred *from, uint64_t btnsd)
{
    struct server *s = c->server;
    struct btns_ring *memory = shared_ring_map(fd);
    if (!memory)
        return false;
    bool counted =
        !client_has_ring(c, from->pid) && count_by_user_add(s->rings_of, from->uid, NULL);
    struct ring *h = counted ? new_ring(c, memory, from) : NULL;
    if (!h) {
        if (counted)
            count_by_user_sub(s->rings_of, from->uid);
        shared_ring_unmap(memory);
        return true;
    }
    h->btnsd = btnsd;
    wake_ring(h);
    return true;
}
