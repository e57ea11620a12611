/* Limits how long a guard that was never up holds packets in the kernel. */
#include "btnsd/latch/guard/held_packets.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/exchange_turn.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/left_sas.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/waiter.h"

#include <stdio.h>

/* IKE sends again about every second (charon_conf.c); the answer to one more try may still come. */
#define LATE_TRY_MS 1500

static bool has_patient_waiter(const struct guard *g)
{
    const struct waiter *w = g->waiters;
    while (w && w->holds)
        w = w->next;
    return w != NULL;
}

/* clear: requests that prefer protection may go on without it. */
static void refuse_holding(struct guard *g, bool prefer, bool clear, enum btns_reason code,
                           const char *why)
{
    for (struct waiter **p = &g->waiters; *p;) {
        struct waiter *w = *p;
        if (!w->holds || w->prefer != prefer) {
            p = &w->next;
            continue;
        }
        waiter_leave(w);
        w->refused(w, clear, code, why);
    }
}

/* A rule that prefers protection does not hand a known peer's connections to somebody else. */
static void note_another(struct guard *g)
{
    if (g->tries && g->doubt == BTNS_R_IDENTITY && peers_by_addr(g->all->peers, &g->remote))
        g->refuses_all = true;
}

/*
 * Sockets are closed before the entries are deleted; after that, requests that prefer protection go
 * on without it.
 */
static void stop_holding_packets(struct guard *g, enum btns_reason code, const char *why)
{
    g->held_out = true;
    note_another(g);
    refuse_holding(g, false, false, code, why);
    if (g->refuses_all)
        refuse_holding(g, true, false, code, why);
    guard_spd(g, guard_resting(g), 0);
    g->holds = false;
    refuse_holding(g, true, true, code, why);
}

static bool guard_asks_peer(const struct guard *g)
{
    return !g->ever_up && (g->state == GS_INTRODUCING || g->state == GS_PROVING);
}

static bool exchange_runs(const struct guard *g)
{
    return g->task && ike_is_ready(g->all->ike);
}

static bool peer_answers(const struct guard *g)
{
    return g->introduced || g->tries || (exchange_runs(g) && ike_task_answered(g->task));
}

static enum btns_reason why_not_yet(const struct guard *g, bool answered, char why[BTNS_TEXT_MAX])
{
    struct err turn;
    unsigned ms = answered ? HOLD_ANSWERED * g->hold_ms : g->hold_ms;
    guard_turn_says(g, &turn);
    snprintf(why, BTNS_TEXT_MAX, "%s; packets to a service are held for %u.%u s at most when %s",
             g->tries           ? g->doubt_text
             : answered         ? "the key was not proved yet"
             : g->queued        ? turn.text
             : g->keying->late  ? g->keying->late
             : exchange_runs(g) ? "nobody answers IKE there"
                                : "the IKE daemon does not run",
             ms / 1000, ms % 1000 / 100, answered ? "somebody answers" : "nobody answers");
    if (g->tries || g->queued)
        return g->tries ? g->doubt : BTNS_R_RESOURCES;
    return !g->keying->own || answered || exchange_runs(g) ? BTNS_R_PEER_GONE : BTNS_R_MANAGER;
}

/* IKE has tried once more meanwhile; an answer to that try makes btnsd forget the failure. */
static void on_late_try_over(struct timer *t)
{
    struct guard *g = t->arg;
    if (guard_asks_peer(g) && !g->holds && !has_patient_waiter(g) && !peer_answers(g))
        guard_fail(g, BTNS_R_PEER_GONE, "nobody answers IKE there");
}

static void on_moment_over(struct timer *t)
{
    struct guard *g = t->arg;
    const struct guards *gs = g->all;
    bool answered = peer_answers(g);
    char why[BTNS_TEXT_MAX];
    if (!g->holds || !guard_asks_peer(g))
        return;
    if (answered && !g->hold_more) {
        g->hold_more = true;
        loop_after(gs->loop, &g->moment, (HOLD_ANSWERED - 1) * g->hold_ms, on_moment_over, g);
        return;
    }
    enum btns_reason code = why_not_yet(g, answered, why);
    if (exchange_runs(g) && !answered && !g->queued && gs->ops->silent)
        gs->ops->silent(gs->arg, &g->remote, why);
    stop_holding_packets(g, code, why);
    if (!g->keying->own || has_patient_waiter(g))
        return;
    if (answered) /* the next request starts a new exchange */
        guard_fail(g, code, "%s", why);
    else
        loop_after(gs->loop, &g->moment, LATE_TRY_MS, on_late_try_over, g);
}

int guard_hold_packets(struct guard *g, unsigned ms)
{
    if (g->holds)
        return 0;
    int rc = g->spd == guard_resting(g) ? guard_spd(g, SPD_ESP, 0) : 0;
    if (ms > g->all->hold_ms)
        ms = g->all->hold_ms;
    g->holds = !rc;
    if (g->holds && !g->ever_up && ms) {
        g->hold_ms = ms;
        g->hold_more = false;
        loop_after(g->all->loop, &g->moment, ms, on_moment_over, g);
    }
    return rc;
}

bool guard_held_out(const struct guard *g)
{
    return g->held_out && !g->ever_up && !g->holds;
}
