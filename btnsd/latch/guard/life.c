/* Handles a guard's events: carries out the actions of the table in machine.c. */
#include "btnsd/latch/guard/life.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/late_sends.h"
#include "btnsd/latch/guard/left_sas.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/waiter.h"
#include "btnsd/rules/model/suites.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 15000

static void refuse_waiters(struct guard *g, bool prefer, bool clear)
{
    for (struct waiter **p = &g->waiters; *p;) {
        struct waiter *w = *p;
        if (w->prefer != prefer) {
            p = &w->next;
            continue;
        }
        waiter_leave(w);
        w->refused(w, clear, g->code, g->reason);
    }
}

/*
 * Tells the waiters that prefer protection, and whose packets the kernel holds, that they go on in
 * the clear. The packets leave only after that, so that the sockets can receive and the programs
 * know. False: there is no such waiter, or the kernel may hold packets of others, too.
 */
static bool clear_holding(struct guard *g)
{
    bool any = false, only_theirs = g->holds && !g->strict && !g->ever_up;
    for (struct waiter **p = &g->waiters; only_theirs && *p;) {
        struct waiter *w = *p;
        if (!w->prefer || !w->holds) {
            p = &w->next;
            continue;
        }
        waiter_leave(w);
        w->refused(w, true, g->code, g->reason);
        any = true;
    }
    return any;
}

/* A program of root's has asked for another suite meanwhile: refuses this waiter. */
static void refuse_suite(const struct guard *g, struct waiter *w)
{
    char why[128];
    snprintf(why, sizeof why, "root's program asks for suite %s there, and the rule for %s",
             g->suite->name, w->suite->name);
    w->refused(w, false, BTNS_R_CONFLICT, why);
}

static void grant_waiters(struct guard *g)
{
    while (g->waiters) {
        struct waiter *w = g->waiters;
        waiter_leave(w);
        if (!w->suite || suite_serves(g->suite, w->suite))
            w->granted(w);
        else
            refuse_suite(g, w);
    }
}

static void record_success(struct guard *g)
{
    guard_set_latched(g);
    g->tries = 0;
    if (g->keying->record)
        g->keying->record(g);
}

static void on_retry(struct timer *t)
{
    guard_retry(t->arg);
}

/* Is g for an inner address that this host does not have now? */
static bool has_no_way(const struct guard *g)
{
    return guard_is_beet(g) && !btns_addr_ip_equal(&g->local, &g->all->inner);
}

void guard_retry(struct guard *g)
{
    g->introduced = false;
    g->refuses_all = false;
    g->tries = 0;
    if (guard_overridden(g) || has_no_way(g) || (g->keying->own && g->all->away[0]))
        loop_after(g->all->loop, &g->retry, RETRY_MS, on_retry, g);
    else
        guard_event(g, GE_RETRY);
}

static int spd_action(struct guard *g, uint32_t actions)
{
    if (actions & GA_BLOCK)
        return guard_spd(g, SPD_BLOCK, 0);
    if (actions & GA_NAME_SPI)
        return guard_spd(g, SPD_ESP, g->sas ? g->sa[g->sas - 1] : 0);
    /* A blocking connect() waits in the shim: no packets need be held for it. */
    if ((actions & GA_HOLD) && (g->ever_up || g->holds))
        return guard_spd(g, SPD_ESP, 0);
    return 0;
}

void guard_closed(struct guard *g)
{
    bool wanted = g->wanted;
    g->wanted = false;
    g->introduced = false;
    guard_event(g, wanted ? GE_CLOSED_WANTED : GE_CLOSED);
}

static void on_closed(struct timer *t)
{
    guard_closed(t->arg);
}

void guard_closed_soon(struct guard *g)
{
    loop_after(g->all->loop, &g->retry, 0, on_closed, g);
}

/* Without a close(), the SAs are another program's and stay as they are. */
static void close_sa(struct guard *g)
{
    if (g->keying->close)
        g->keying->close(g);
    else if (g->state == GS_CLOSING)
        guard_closed_soon(g);
}

static void key_action(struct guard *g, uint32_t actions)
{
    if (actions & GA_CANCEL) {
        ike_cancel(g->task);
        g->task = NULL;
    }
    if (actions & GA_RECORD)
        record_success(g);
    if (actions & GA_CLOSE)
        close_sa(g);
    if (actions & GA_INTRODUCE)
        g->keying->introduce(g);
    if (actions & GA_PROVE)
        g->keying->prove(g);
    if (actions & GA_PROVE_SOON)
        g->keying->prove_soon(g);
    if ((actions & GA_RETRY) && !g->mirror)
        loop_after(g->all->loop, &g->retry, RETRY_MS, on_retry, g);
}

/* Do the guard's entries demand its key in this state? */
static bool is_up(enum guard_state s)
{
    return s == GS_UP || s == GS_CLOSING;
}

/*
 * Is the end of the entries known? After a failure nobody can say how long they held: another
 * program's entry may have preceded them.
 */
static bool ends_in_order(enum guard_event e)
{
    return e != GE_FAIL_UNUSED && e != GE_FAIL_LATCHED;
}

void guard_restored(struct guard *g)
{
    if (g->all->ops->restored)
        g->all->ops->restored(g->all->arg, g);
}

void guard_only_answers(struct guard *g)
{
    g->state = GS_FAILED;
    g->code = BTNS_R_RESTARTED;
    g->broken = true;
    guard_used(g);
}

/*
 * Makes the guard again that g has replaced, if its SAs are still there. Its entries are written in
 * place of those of g. If there is no memory for it, the entries of g stay in the kernel.
 */
static void bring_back_replaced(struct guard *g)
{
    struct guard *before = guard_new(g->all, &g->local, &g->remote, g->service, false);
    if (!before)
        return;
    guard_leave_sas(before, g->left_before);
    g->taken_over = guard_stays_for_sas(before);
    guard_spd(g, SPD_ALLOW, 0);
    if (g->taken_over)
        guard_only_answers(before);
    else
        guard_free(before);
}

void guard_end(struct guard *g)
{
    if (g->left_before)
        bring_back_replaced(g);
    guard_free(g);
}

void guard_event(struct guard *g, enum guard_event e)
{
    char ip[BTNS_ADDR_STR];
    struct guard_step step = guard_step(g->state, e);
    log_debug("guard %s %s/%u%s: %s, %s -> %s", btns_addr_ip_str(&g->remote, ip),
              protocol_name(g->service.protocol), g->service.port, g->mirror ? " (mirror)" : "",
              guard_event_name(e), guard_state_name(g->state), guard_state_name(step.next));
    if (step.actions & GA_IGNORE)
        return;
    bool rises = step.next == GS_UP && g->state != GS_UP, again = rises && g->ever_up;
    if (is_up(g->state) && !is_up(step.next) && ends_in_order(e))
        past_guard_falls(&g->all->past, g);
    g->state = step.next;
    if (e == GE_FORGOTTEN)
        guard_forget_replaced(g);
    if (g->state != GS_INTRODUCING && g->state != GS_PROVING)
        guard_probe_end(g);
    g->broken = g->state == GS_FAILED || (g->broken && g->state != GS_UP);
    if (spd_action(g, step.actions)) {
        guard_fail(g, BTNS_R_RESOURCES, "the kernel refused its SPD entries");
        return;
    }
    guard_shield(g, g->state == GS_FAILED && guard_overridden(g));
    if (rises) {
        g->up_since = instant_now();
        g->replaced = false;
    }
    if (step.next == GS_UP) /* the peer has proved its key, for new SAs */
        g->met.n = 0;
    key_action(g, step.actions);
    if (step.actions & GA_GRANT)
        grant_waiters(g);
    if (step.actions & GA_REFUSE)
        refuse_waiters(g, false, false);
    /* A rule that prefers protection does not hand a known peer's connections to somebody else. */
    if (step.actions & GA_REFUSE && g->refuses_all)
        refuse_waiters(g, true, false);
    if (step.actions & GA_REMOVE) {
        g->passing = step.actions & GA_REFUSE && clear_holding(g);
        guard_spd(g, guard_resting(g), 0);
        if (g->keying->drop_sas)
            g->keying->drop_sas(g);
    }
    if (step.actions & GA_REFUSE)
        refuse_waiters(g, true, (step.actions & GA_REMOVE) != 0);
    if (step.actions & GA_SWEEP)
        guard_sweep_after(g, g->state == GS_UP ? g->all->linger_ms : 0);
    struct guards *gs = g->all;
    gs->ops->changed(gs->arg, g);
    if (again)
        guard_restored(g);
    if (g->state != GS_GONE)
        return;
    bool mirror = g->mirror;
    guard_end(g);
    if (mirror)
        gs->ops->gone(gs->arg);
}

void guard_fail(struct guard *g, enum btns_reason code, const char *fmt, ...)
{
    char ip[BTNS_ADDR_STR];
    uint32_t time_wait;
    va_list ap;
    va_start(ap, fmt);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(g->reason, sizeof g->reason, fmt, ap);
#pragma GCC diagnostic pop
    va_end(ap);
    g->code = code;
    g->failed = loop_now();
    if (g->failing) /* a request that was read meanwhile failed the guard already */
        return;
    g->failing = true;
    /* A connect() by a cached verdict counts, even if its message is not read yet. */
    uint64_t mark = 0;
    bool settled = !g->ever_up || g->all->ops->settle(g->all->arg, &mark);
    g->failing = false;
    bool latched = g->ever_up && (!settled || g->latches || guard_in_use(g, &time_wait));
    log_rated(log_note, "services without protection", "%s %s/%u: no protection: %s",
              btns_addr_ip_str(&g->remote, ip), protocol_name(g->service.protocol), g->service.port,
              g->reason);
    if (!settled)
        guard_sweep_after(g, SETTLE_AGAIN_MS);
    guard_event(g, latched ? GE_FAIL_LATCHED : GE_FAIL_UNUSED);
}

/*
 * The SA outlasts its last connection: another connection may follow, and the peer may still be in
 * TIME_WAIT.
 */
static uint64_t linger_ms(const struct guard *g)
{
    uint64_t until = g->last_used + g->all->linger_ms, now = loop_now();
    return g->state == GS_UP && !g->mirror && until > now ? until - now : 0;
}

/*
 * A datagram that is sent by a cached verdict is not announced: a thread may have found the verdict
 * valid, and have been stopped before it sends. So the guard's entries stay for some time after
 * such verdicts have ended.
 */
static unsigned late_sends_ms(struct guard *g)
{
    if (!protocol_is_datagrams(g->service.protocol) || !g->ever_up)
        return 0;
    if (!g->settled)
        g->settled = loop_now();
    uint64_t until = g->settled + LATE_SEND_MS, now = loop_now();
    return until > now ? (unsigned)(until - now) : 0;
}

/*
 * When the last user ends, the guard is checked again. A user may rely on a verdict that is younger
 * than the mark, so the next check begins with a new mark.
 */
static bool has_users(struct guard *g)
{
    bool any = g->waiters || g->latches;
    if (any)
        g->settling = 0;
    return any;
}

#define LEFT_SAS_MS 5000 /* until the next look at SAs that this btnsd has not asked for */

static void sweep_guard(struct timer *t)
{
    struct guard *g = t->arg;
    uint32_t time_wait;
    if (g->mirror && g->state == GS_UP &&
        (!g->keying->by_spi || g->all->ops->wanted(g->all->arg, g)))
        return; /* the guard lives as long as its SA, which the peer ends, or as its listener */
    if (has_users(g))
        return;
    if (g->ever_up && !g->all->ops->settle(g->all->arg, &g->settling)) {
        guard_sweep_after(g, SETTLE_AGAIN_MS);
        return;
    }
    /* btnsd has read the message of every connect() by a cached verdict for this guard. */
    if (has_users(g))
        return;
    bool used = guard_in_use(g, &time_wait);
    if (used)
        g->settled = 0;
    if (time_wait || (!used && linger_ms(g)))
        guard_sweep_after(g, (unsigned)(time_wait ? time_wait + 100 : linger_ms(g) + 1));
    else if (!used && late_sends_ms(g))
        guard_sweep_after(g, late_sends_ms(g) + 1);
    else if (!used && guard_stays_for_sas(g))
        guard_sweep_after(g, LEFT_SAS_MS);
    else if (!used)
        guard_event(g, GE_IDLE);
    /* Other connections remain: the kernel reports the end of each, which starts the next check. */
}

void guard_used(struct guard *g)
{
    g->last_used = loop_now();
    g->settled = 0;
    guard_sweep_after(g, g->all->linger_ms);
}

void guard_sweep_after(struct guard *g, unsigned ms)
{
    if (!g->sweep.slot || g->sweep.due > loop_now() + ms)
        loop_after(g->all->loop, &g->sweep, ms, sweep_guard, g);
}
