/* Ends the exchange with a host on the same link when nobody answers for its address. */
#include "btnsd/latch/keying/neighbour_watch.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/waiter.h"
#include "btnsd/latch/keying/absence.h"
#include "btnsd/latch/keying/exchange.h"

#include <sys/epoll.h>
#include <unistd.h>

#define LOOK_MS     250
#define LOOK_MAX_MS 4000 /* if the link was not asked, as the host may be behind a router */

bool neighbour_is_away(enum neighbour now, bool *asked)
{
    *asked |= now == NEIGHBOUR_ASKED;
    return *asked && now == NEIGHBOUR_FAILED;
}

static bool awaits_neighbour(const struct guard *g)
{
    return g->task && !g->ever_up && (g->state == GS_INTRODUCING || g->state == GS_PROVING);
}

static void end_exchange(struct guard *g, enum ike_result result, const char *why)
{
    ike_abort_introduction(g->task);
    g->task = NULL;
    guard_probe_end(g);
    exchange_failed(g, result, why);
}

static void look_at_neighbour(struct timer *t);

static void watch_neighbour_later(struct guard *g)
{
    if (!g->neighbour_asked && g->neighbour_ms < LOOK_MAX_MS)
        g->neighbour_ms *= 2;
    loop_after(g->all->loop, &g->neighbour, g->neighbour_ms, look_at_neighbour, g);
}

static void look_at_neighbour(struct timer *t)
{
    struct guard *g = t->arg;
    if (!awaits_neighbour(g))
        return;
    const enum neighbour now = neighbour_state(&g->remote);
    if (now == NEIGHBOUR_KNOWN)
        return;
    if (neighbour_is_away(now, &g->neighbour_asked))
        end_exchange(g, IKE_NO_WAY, "nobody on the link answers for that address");
    else
        watch_neighbour_later(g);
}

static bool all_prefer(const struct guard *g)
{
    const struct waiter *w = g->waiters;
    while (w && w->prefer)
        w = w->next;
    return g->waiters && !w;
}

static void send_neighbour_probe(struct timer *t);

static void on_neighbour_answer(struct guard *g, enum port_answer answer)
{
    struct absence a = {.answer = answer,
                        .known = peers_by_addr(g->all->peers, &g->remote),
                        .preferred = all_prefer(g)};
    if (answer == PORT_SILENT || ike_task_answered(g->task))
        return;
    a.times = ++g->refusals;
    switch (absence_next(&a)) {
    case ABSENCE_IGNORED:
        return;
    case ABSENCE_AGAIN:
        loop_after(g->all->loop, &g->probe_again, ABSENCE_AGAIN_MS, send_neighbour_probe, g);
        return;
    case ABSENCE_ENDS:
        if (answer == PORT_CLOSED)
            end_exchange(g, IKE_SILENT,
                         "that host says that it has no IKE daemon (ICMP: UDP port 500 is "
                         "unreachable)");
        else
            end_exchange(g, IKE_NO_WAY, "the network does not lead there (ICMP)");
        return;
    }
}

static void on_neighbour_probe_ready(struct watch *w, uint32_t events)
{
    struct guard *g = w->arg;
    (void)events;
    enum port_answer answer = port_probe_read(w->fd);
    if (awaits_neighbour(g))
        on_neighbour_answer(g, answer);
    else
        guard_probe_end(g);
}

static void send_neighbour_probe(struct timer *t)
{
    struct guard *g = t->arg;
    if (!g->probing || !awaits_neighbour(g))
        return;
    enum port_answer answer = port_probe_send(g->probe.fd);
    if (answer != PORT_SILENT)
        on_neighbour_answer(g, answer);
}

/* If this fails, the exchange just takes its full time. */
static void begin_neighbour_probe(struct guard *g)
{
    guard_probe_end(g);
    g->refusals = 0;
    int fd = port_probe_open(&g->local, &g->remote);
    if (fd < 0)
        return;
    if (loop_watch(g->all->loop, &g->probe, fd, EPOLLIN, on_neighbour_probe_ready, g)) {
        close(fd);
        return;
    }
    g->probing = true;
    /* The request that began the exchange does not wait yet, so the probe is sent from the loop. */
    loop_after(g->all->loop, &g->probe_again, 0, send_neighbour_probe, g);
}

void neighbour_watch_begin(struct guard *g)
{
    if (guard_is_beet(g)) /* no host on a link has an inner address */
        return;
    g->neighbour_asked = false;
    g->neighbour_ms = LOOK_MS;
    loop_after(g->all->loop, &g->neighbour, LOOK_MS, look_at_neighbour, g);
    if (!g->ever_up)
        begin_neighbour_probe(g);
}
