/*
 * The rings that clients have offered. A program puts messages into its ring only while a field
 * there says that btnsd reads it. That is so from the first message on the program's connection
 * until nothing has come for a while. So rings cost an idle btnsd nothing, and no message waits
 * longer than LOOK_MS, or until somebody asks for what it is about.
 */
#include "btnsd/server/rings.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/base/message_batch.h"
#include "btnsd/server/client.h"
#include "btnsd/server/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LOOK_MS 10 /* between looks */
#define PATIENT 20 /* reads of an empty ring before btnsd stops reading it */

struct shared {
    struct shared *next, **link;
    struct client *client;
    struct ucred from;  /* who offered it */
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

static bool is_one_way(const struct btns_flow *f)
{
    return f->hdr.type == BTNS_MSG_CONNECTING || f->hdr.type == BTNS_MSG_ACCEPTED;
}

/* Handles the message as if the process that offered the ring had sent it on the connection. */
static void handle_message(struct shared *h, const struct btns_flow *f)
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
    if (!is_one_way(f) || !s->handler(s->arg, &r)) {
        client_give_up(c);
    } else if (r.early) {
        h->kept = *f;
        h->has_kept = true;
    }
}

static bool is_held(const struct shared *h)
{
    struct server *s = h->client->server;
    return s->hold && s->hold(s->arg, h->from.uid);
}

/* Which of the user's two budgets pays for reading. */
enum budget { TURN, OVERTIME };

static bool has_time(struct shared *h, enum budget t)
{
    struct server *s = h->client->server;
    const uint64_t round = loop_round(s->loop);
    return t == TURN ? turn_left(&s->turns, h->from.uid, round)
                     : turn_has(&s->overtime, h->from.uid, round, SERVER_OVERTIME);
}

static void spend_time(struct shared *h, enum budget t, uint64_t began)
{
    struct server *s = h->client->server;
    const uint64_t round = loop_round(s->loop);
    if (t == TURN)
        turn_spend(&s->turns, h->from.uid, round, turn_clock() - began);
    else
        turn_spend(&s->overtime, h->from.uid, round, 1);
}

/* No message in the ring can be handled now. */
static bool is_at_rest(const struct shared *h)
{
    return h->client->dead || h->has_kept || is_held(h);
}

/* The user's turn ended in the middle of the ring: the rest is for the next round of the loop. */
static bool is_cut(const struct shared *h)
{
    return h->awake && h->at && !is_at_rest(h);
}

static void read_kept(struct shared *h)
{
    struct btns_flow f = h->kept;
    if (!h->has_kept || h->client->dead || is_held(h))
        return;
    h->has_kept = false;
    handle_message(h, &f);
}

/*
 * If the program has counted more accepted connections, it is as if it had sent a message that
 * names none. The count is the program's memory: nothing follows from it but this.
 */
static bool read_count(struct shared *h)
{
    const struct btns_flow f = {.hdr = {BTNS_WIRE_VERSION, BTNS_MSG_ACCEPTED, 0}};
    const uint64_t now = ring_accepted(h->memory);
    if (now == h->accepted || is_at_rest(h))
        return false;
    h->accepted = now;
    handle_message(h, &f);
    return true;
}

/*
 * Reads the remaining slots of this pass, each one once: a program that goes on writing cannot keep
 * btnsd here. False: the user's time ran out before the end.
 */
static bool read_slots(struct shared *h, enum budget t, bool *any)
{
    struct btns_flow f;
    for (; h->at < BTNS_RING_SLOTS && !is_at_rest(h); h->at++) {
        if (!has_time(h, t))
            return false;
        if (!h->at)
            h->pass = h->client->server->mark;
        if (!ring_take(h->memory, h->at, &f))
            continue;
        uint64_t began = t == TURN ? turn_clock() : 0;
        handle_message(h, &f);
        spend_time(h, t, began);
        *any = true;
    }
    if (h->at == BTNS_RING_SLOTS) {
        h->at = 0;
        h->read = h->pass;
    }
    return true;
}

static bool read_pass(struct shared *h, enum budget t, bool *any)
{
    batch_begin();
    *any |= read_count(h);
    bool whole = read_slots(h, t, any);
    batch_end();
    return whole;
}

/* Reads the ring once, from where the last read ended. True: it has messages, or may have some. */
static bool look_into(struct shared *h)
{
    bool any = h->has_kept;
    read_kept(h);
    return !read_pass(h, TURN, &any) || any;
}

/*
 * Reads as much as there is time for. True: no message from before the mark is left that can be
 * handled.
 */
static bool read_until(struct shared *h, uint64_t mark)
{
    bool any = false;
    read_kept(h);
    while (h->read < mark && !is_at_rest(h))
        if (!read_pass(h, OVERTIME, &any))
            return false;
    return true;
}

/*
 * Frees the ring: from now on the program sends its messages. Those already in the ring are
 * handled.
 */
static void free_shared(struct shared *h)
{
    struct server *s = h->client->server;
    ring_set_reader(h->memory, 0);
    read_until(h, ++s->mark);
    loop_unwatch(s->loop, &h->owner);
    close(h->owner.fd);
    ring_unmap(h->memory);
    count_by_user_sub(s->rings_of, h->from.uid);
    h->client->rings--;
    *h->link = h->next;
    if (h->next)
        h->next->link = h->link;
    free(h);
}

static void fall_asleep(struct shared *h)
{
    ring_set_reader(h->memory, 0);
    h->awake = !read_until(h, ++h->client->server->mark);
    if (h->awake)
        ring_set_reader(h->memory, h->btnsd);
}

static void on_look(struct timer *t);

static void expect_messages(struct server *s, uint64_t ms)
{
    if (!s->look.slot)
        loop_after(s->loop, &s->look, ms, on_look, s);
}

void rings_look(struct server *s)
{
    for (struct shared *h = s->rings; h; h = h->next)
        if (h->awake && look_into(h))
            h->vain = 0;
}

static void on_look(struct timer *t)
{
    struct server *s = t->arg;
    bool any = false, cut = false;
    rings_look(s);
    for (struct shared *h = s->rings; h; h = h->next) {
        if (h->awake && h->vain++ >= PATIENT && !h->has_kept)
            fall_asleep(h);
        any |= h->awake;
        cut |= is_cut(h);
    }
    if (any)
        expect_messages(s, cut ? 1 : LOOK_MS);
}

static void wake(struct shared *h)
{
    h->vain = 0;
    if (!h->awake)
        ring_set_reader(h->memory, h->btnsd);
    h->awake = true;
    expect_messages(h->client->server, LOOK_MS);
}

void rings_wake(struct client *c, pid_t pid)
{
    for (struct shared *h = c->rings ? c->server->rings : NULL; h; h = h->next)
        if (h->client == c && h->from.pid == pid)
            wake(h);
}

/*
 * The caller has moved the epoch. The fence makes sure that a program which fills a slot either
 * sees the new epoch afterwards, or has filled the slot before it is read here.
 */
bool rings_read_until(struct server *s, uint64_t mark)
{
    bool all = true;
    atomic_thread_fence(memory_order_seq_cst);
    for (struct shared *h = s->rings; h; h = h->next)
        all &= read_until(h, mark);
    return all;
}

void rings_free_of(struct client *c)
{
    for (struct shared *h = c->rings ? c->server->rings : NULL, *next; h; h = next) {
        next = h->next;
        if (h->client == c)
            free_shared(h);
    }
}

/* The process number may be reused from now on. The connection may live on in a forked child. */
static void on_owner_ended(struct watch *w, uint32_t events)
{
    struct shared *h = w->arg;
    (void)events;
    free_shared(h);
}

static bool has_ring(const struct client *c, pid_t pid)
{
    const struct shared *h = c->rings ? c->server->rings : NULL;
    while (h && !(h->client == c && h->from.pid == pid))
        h = h->next;
    return h != NULL;
}

static struct shared *new_shared(struct client *c, struct btns_ring *memory,
                                 const struct ucred *from)
{
    struct server *s = c->server;
    struct shared *h = calloc(1, sizeof *h);
    int process = h ? client_process(c, from->pid) : -1;
    if (process < 0 || loop_watch(s->loop, &h->owner, process, EPOLLIN, on_owner_ended, h)) {
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
    struct btns_ring *memory = ring_map(fd);
    if (!memory)
        return false;
    bool counted = !has_ring(c, from->pid) && count_by_user_add(s->rings_of, from->uid, NULL);
    struct shared *h = counted ? new_shared(c, memory, from) : NULL;
    if (!h) {
        if (counted)
            count_by_user_sub(s->rings_of, from->uid);
        ring_unmap(memory);
        return true;
    }
    h->btnsd = btnsd;
    wake(h);
    return true;
}
