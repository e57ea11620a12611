#include "btnsd/latch/guard/held_packets.h"

#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/turn.h"
#include "btnsd/latch/guard/waiter.h"

#include <stdio.h>

static bool has_patient_waiter(const struct guard *g)
{
    const struct waiter *w = g->waiters;
    while (w && w->holds)
        w = w->next;
    return w != NULL;
}

static void refuse_holding(struct guard *g, bool prefer, enum btns_reason code, const char *why)
{
    for (struct waiter **p = &g->waiters; *p;) {
        struct waiter *w = *p;
        if (!w->holds || w->prefer != prefer) {
            p = &w->next;
            continue;
        }
        waiter_leave(w);
        w->refused(w, prefer, code, why);
    }
}

/* Sockets are closed before the entries go, and what prefers protection goes on after that. */
static void stop_holding(struct guard *g, enum btns_reason code, const char *why)
{
    g->held_out = true;
    refuse_holding(g, false, code, why);
    guard_spd(g, SPD_ALLOW, 0);
    g->holds = false;
    refuse_holding(g, true, code, why);
}

static void on_moment_over(struct timer *t)
{
    struct guard *g = t->arg;
    struct guards *gs = g->all;
    bool asks = g->state == GS_INTRODUCING || g->state == GS_PROVING;
    bool running = g->task && ike_is_ready(gs->ike);
    bool answered = g->introduced || g->tries || (running && ike_task_answered(g->task));
    if (g->ever_up || !g->holds || !asks || answered)
        return;
    char why[BTNS_TEXT_MAX];
    struct err turn;
    guard_turn_says(g, &turn);
    snprintf(why, sizeof why,
             "%s; packets to a service are held for %u.%u s at most when nobody answers",
             g->queued ? turn.text
             : running ? "nobody answers IKE there"
                       : "the IKE daemon does not run",
             g->hold_ms / 1000, g->hold_ms % 1000 / 100);
    enum btns_reason code = g->queued ? BTNS_R_RESOURCES
                            : running ? BTNS_R_PEER_GONE
                                      : BTNS_R_MANAGER;
    if (code == BTNS_R_PEER_GONE && gs->ops->silent)
        gs->ops->silent(gs->arg, &g->remote, why);
    if (has_patient_waiter(g))
        stop_holding(g, code, why);
    else
        guard_fail(g, code, "%s", why);
}

int guard_hold_packets(struct guard *g, unsigned ms)
{
    if (g->holds)
        return 0;
    int rc = g->spd == SPD_ALLOW ? guard_spd(g, SPD_ESP, 0) : 0;
    g->holds = !rc;
    if (g->holds && !g->ever_up && g->keying->own && ms) {
        g->hold_ms = ms;
        loop_after(g->all->loop, &g->moment, ms, on_moment_over, g);
    }
    return rc;
}

bool guard_held_out(const struct guard *g)
{
    return g->held_out && !g->ever_up && !g->holds;
}
