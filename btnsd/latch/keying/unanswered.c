/*
 * Has a peer prove its key again when a connection to it gets no answer: the peer may have lost its
 * SAs.
 */
#include "btnsd/latch/keying/unanswered.h"

#include "btnsd/latch/guard/keying.h"

#define SYN_MS   1000 /* Linux sends a SYN again after this time */
#define LEAST_MS 300
#define MOST_MS  900
#define AGAIN_MS 200
/* A peer that has proved its key this recently has not lost its SAs; IKE is not what is slow. */
#define RENEWED_MS 30000

/* A proof takes two round trips and some computing; an answer to a SYN takes one round trip. */
unsigned unanswered_wait(unsigned proof_ms)
{
    if (proof_ms < LEAST_MS)
        return LEAST_MS;
    return proof_ms < MOST_MS ? proof_ms : MOST_MS;
}

/* From the second retransmission on, the interval is longer (or, since Linux 6.5, the same). */
bool unanswered_long(uint32_t due_ms, unsigned wait)
{
    return due_ms > SYN_MS || due_ms + wait <= SYN_MS;
}

struct syns {
    unsigned wait;
    bool any, old;
};

static void count_unanswered(void *arg, const struct sock_entry *e)
{
    struct syns *s = arg;
    s->any = true;
    s->old |= unanswered_long(e->expires_ms, s->wait);
}

static void check_silent_guard(struct timer *t);

static void check_unanswered(struct guard *g)
{
    struct syns s = {.wait = unanswered_wait(g->proof_ms)};
    struct btns_addr remote = g->remote;
    remote.port = g->service.port;
    if (sockdiag_attempts(g->all->sockets, &g->local, &remote, count_unanswered, &s))
        return;
    if (s.old)
        g->keying->confirm(g, RENEWED_MS);
    if (s.any)
        loop_after(g->all->loop, &g->unanswered, AGAIN_MS, check_silent_guard, g);
}

static void check_silent_guard(struct timer *t)
{
    struct guard *g = t->arg;
    if (g->state == GS_UP)
        check_unanswered(g);
    else if (g->state == GS_CLOSING && g->wanted && !g->keying->hang_up(g))
        loop_after(g->all->loop, &g->unanswered, AGAIN_MS, check_silent_guard, g);
}

/* Only for a TCP connection does the kernel know that a SYN has no answer. */
static bool can_tell_unanswered(const struct guard *g)
{
    if (g->state == GS_CLOSING)
        return g->keying->hang_up;
    return g->state == GS_UP && g->keying->confirm && !protocol_is_datagrams(g->service.protocol);
}

void unanswered_watch(struct guard *g)
{
    if (!g->mirror && !g->unanswered.slot && can_tell_unanswered(g))
        loop_after(g->all->loop, &g->unanswered, unanswered_wait(g->proof_ms), check_silent_guard,
                   g);
}
