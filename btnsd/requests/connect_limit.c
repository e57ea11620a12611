/* How long a connect() waits for its guard, and what follows when its time is over. */
#include "btnsd/requests/connect_limit.h"

#include "btnsd/ike/private/manager.h"
#include "btnsd/latch/guard/exchange_turn.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/keying/detached_introduction.h"

static bool connect_waits_alone(const struct guard *g)
{
    const struct waiter *w = g->waiters;
    while (w && w->prefer)
        w = w->next;
    return !w;
}

static void on_connect_limit(struct timer *t)
{
    struct pending *p = t->arg;
    struct guard *g = p->wait.guard;
    struct err turn;
    char why[BTNS_TEXT_MAX];
    guard_turn_says(g, &turn);
    snprintf(why, sizeof why, "no protection within %u s (%s)", p->ms / 1000,
             g->queued                    ? turn.text
             : g->keying->late            ? g->keying->late
             : g->tries                   ? g->doubt_text
             : g->state == GS_INTRODUCING ? "nobody answers IKE there"
                                          : "the key was not proved");
    enum btns_reason code = g->queued                  ? BTNS_R_RESOURCES
                            : g->keying->late          ? BTNS_R_PEER_GONE
                            : !ike_is_ready(p->d->ike) ? BTNS_R_MANAGER
                            : g->tries                 ? g->doubt
                                                       : BTNS_R_PEER_GONE;
    if (p->wait.prefer && !g->ever_up && connect_waits_alone(g)) {
        guard_fail(g, code, "%s", why);
    } else if (p->wait.prefer && !g->ever_up) {
        loop_after(p->d->loop, &p->limit, 500, on_connect_limit,
                   p); /* it serves a stricter rule, too */
    } else {
        guard_unwait(&p->wait);
        p->wait.refused(&p->wait, false, code, why);
    }
}

/*
 * Under a rule that prefers protection, a host that runs no btnsd must not cost much time: if it
 * has not answered the first message by now, the connect() goes on without protection. The exchange
 * itself goes on, and its result is remembered.
 */
static void on_first_connect_limit(struct timer *t)
{
    struct pending *p = t->arg;
    struct guard *g = p->wait.guard;
    const unsigned waited = p->first_ms * (p->looks + 1);
    bool asked = g->keying->own && !g->queued && g->state == GS_INTRODUCING && g->task &&
                 !g->tries && connect_waits_alone(g);
    bool under_way = asked && (ike_task_asked(g->task) || p->looks);
    bool answered = asked && ike_task_answered(g->task);
    if (asked && !under_way) {
        p->looks++; /* charon has not sent the first message yet */
        loop_after(p->d->loop, &p->limit, p->first_ms, on_first_connect_limit, p);
    } else if (!asked || answered) {
        loop_after(p->d->loop, &p->limit, p->ms > waited ? p->ms - waited : 0, on_connect_limit, p);
    } else {
        introduction_detach(g);
        guard_fail(g, BTNS_R_PEER_GONE, "nobody answered IKE there within %u.%u s",
                   p->first_ms / 1000, p->first_ms % 1000 / 100);
    }
}

void connect_limit_begin(struct pending *p)
{
    if (p->first_ms)
        loop_after(p->d->loop, &p->limit, p->first_ms, on_first_connect_limit, p);
    else
        loop_after(p->d->loop, &p->limit, p->ms, on_connect_limit, p);
}
