/* Carrying out what the table of machine.c says. */
#include "btnsd/latch/keying/keying.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/registry/events.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS   15000
#define CALLERS_MS 1000

/* SPI 0: a template of no SA, or of any of a reqid that is an identity. */
static uint32_t template_reqid(const struct guard *g, uint32_t spi)
{
    return !spi && g->hold_reqid ? g->hold_reqid : g->reqid;
}

/* Incoming: any SA of the reqid, so that both of a rekey are accepted; or the one that was checked.
 */
static uint32_t incoming_spi(const struct guard *g, uint32_t spi)
{
    size_t i = g->sas;
    while (i && g->sa[i - 1] != spi)
        i--;
    return i && g->keying->pins ? g->sa_in[i - 1] : 0;
}

static struct spd_entry entry_of(const struct guard *g, enum spd_dir dir, enum spd_action action,
                                 uint32_t spi)
{
    struct spd_entry e = {
        .dir = dir,
        .priority = dir == SPD_IN && !g->mirror ? PRIO_GUARD_IN : PRIO_GUARD,
        .action = action,
        .protocol = IPPROTO_TCP,
        .local = g->local,
        .remote = g->remote,
        .local_bits = (uint8_t)btns_addr_bits(&g->local),
        .remote_bits = (uint8_t)btns_addr_bits(&g->remote),
        .reqid = template_reqid(g, spi),
        .spi = dir == SPD_OUT ? spi : incoming_spi(g, spi),
    };
    if (dir == SPD_IN && action == SPD_ESP && g->keying->pins && !e.spi)
        e.action = SPD_BLOCK;
    *(g->mirror ? &e.local.port : &e.remote.port) = g->port;
    return e;
}

/* What waited is taken over or thrown away: the larval states it made mean nothing any more. */
static void drop_larval(struct guard *g, enum spd_action action, uint32_t spi)
{
    if (g->held && (action != SPD_ESP || spi || g->held != template_reqid(g, 0))) {
        sad_drop_larval(g->all->xfrm, &g->local, &g->remote, g->held, 0);
        g->held = 0;
    }
    if (g->spi && g->spi != spi)
        sad_drop_larval(g->all->xfrm, &g->local, &g->remote, g->reqid, g->spi);
}

static void open_waiters(const struct guard *g)
{
    for (struct waiter *w = g->waiters; w; w = w->next)
        if (w->opening)
            w->opening(w);
}

/*
 * action SPD_ALLOW takes the entries away: ours never allow what is not protected. Before a guard
 * was ever up nothing of it can come in, so only outgoing packets are held: other programs' clear
 * connections to the service hear on until it is known whether it can be protected; the socket
 * whose packets are held is deaf meanwhile (connect.c), lest a forged SYN open it from the other
 * side.
 */
int guard_spd(struct guard *g, enum spd_action action, uint32_t spi)
{
    struct err err = {""};
    struct spd_entry in = entry_of(g, SPD_IN, action, spi), out = entry_of(g, SPD_OUT, action, spi);
    bool only_out = action == SPD_ESP && !spi && !g->ever_up;
    int rc = 0;
    if (action == SPD_ALLOW) {
        spd_del(g->all->xfrm, &in);
        spd_del(g->all->xfrm, &out);
    } else { /* closed inwards before open outwards */
        rc = only_out ? 0 : spd_set(g->all->xfrm, &in, &err);
        if (!rc && action == SPD_ESP && spi)
            open_waiters(g);
        rc = rc ? rc : spd_set(g->all->xfrm, &out, &err);
    }
    if (rc) {
        log_note("the kernel refused a guard: %s", err.text);
        return rc;
    }
    g->spd = action;
    drop_larval(g, action, spi);
    g->spi = action == SPD_ESP ? spi : 0;
    g->spi_in = g->spi ? in.spi : 0;
    if (action == SPD_ESP && !spi)
        g->held = template_reqid(g, 0);
    return 0;
}

bool guard_spd_mend(struct guard *g, const struct spd_snapshot *s)
{
    struct spd_entry in = entry_of(g, SPD_IN, g->spd, g->spi);
    struct spd_entry out = entry_of(g, SPD_OUT, g->spd, g->spi);
    bool only_out = g->spd == SPD_ESP && !g->spi && !g->ever_up, mended;
    if (g->spd == SPD_ALLOW)
        return false;
    mended = !only_out && spd_snapshot_mend(s, g->all->xfrm, &in);
    return spd_snapshot_mend(s, g->all->xfrm, &out) || mended;
}

static void refuse(struct guard *g, bool prefer, bool clear)
{
    for (struct waiter **p = &g->waiters; *p;) {
        struct waiter *w = *p;
        if (w->prefer != prefer) {
            p = &w->next;
            continue;
        }
        *p = w->next;
        w->guard = NULL;
        w->refused(w, clear, g->code, g->reason);
    }
}

static void grant(struct guard *g)
{
    while (g->waiters) {
        struct waiter *w = g->waiters;
        g->waiters = w->next;
        w->guard = NULL;
        w->granted(w);
    }
}

static void record(struct guard *g)
{
    g->ever_up = true;
    g->tries = 0;
    if (g->keying->record)
        g->keying->record(g);
}

static void on_retry(struct timer *t)
{
    guard_retry(t->arg);
}

void guard_retry(struct guard *g)
{
    g->introduced = false;
    g->tries = 0;
    if (guard_overridden(g) || (g->keying == &keying_private && g->all->away[0]))
        loop_after(g->all->loop, &g->retry, RETRY_MS, on_retry, g);
    else
        guard_event(g, GE_RETRY);
}

static int spd_action(struct guard *g, uint32_t actions)
{
    if (actions & GA_BLOCK)
        return guard_spd(g, SPD_BLOCK, 0);
    if (actions & GA_PIN)
        return guard_spd(g, SPD_ESP, g->sas ? g->sa[g->sas - 1] : 0);
    /* A blocking connect() waits in the shim: as long as there is nothing else, nothing is held. */
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

/* What another made stays as it is. */
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
        record(g);
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

void guard_event(struct guard *g, enum guard_event e)
{
    char ip[BTNS_ADDR_STR];
    struct guard_step step = guard_step(g->state, e);
    log_debug("guard %s tcp/%u%s: %s, %s -> %s", btns_addr_ip_str(&g->remote, ip), g->port,
              g->mirror ? " (mirror)" : "", guard_event_name(e), guard_state_name(g->state),
              guard_state_name(step.next));
    if (step.actions & GA_IGNORE)
        return;
    g->state = step.next;
    g->broken = g->state == GS_FAILED || (g->broken && g->state != GS_UP);
    if (spd_action(g, step.actions)) {
        guard_fail(g, BTNS_R_RESOURCES, "the kernel refused its SPD entries");
        return;
    }
    guard_shield(g, g->state == GS_FAILED && guard_overridden(g));
    key_action(g, step.actions);
    if (step.actions & GA_GRANT)
        grant(g);
    if (step.actions & GA_REFUSE)
        refuse(g, false, false);
    if (step.actions & GA_REMOVE) {
        guard_spd(g, SPD_ALLOW, 0);
        if (g->keying->drop_sas)
            g->keying->drop_sas(g);
    }
    if (step.actions & GA_REFUSE)
        refuse(g, true, (step.actions & GA_REMOVE) != 0);
    if (step.actions & GA_SWEEP)
        guard_sweep_after(g, g->state == GS_UP ? g->all->linger_ms : 0);
    guard_report(g);
    g->all->ops->changed(g->all->arg, g);
    if (g->state != GS_GONE)
        return;
    struct guards *gs = g->mirror ? g->all : NULL;
    guard_free(g);
    if (gs) /* there is room for another */
        callers_look_later(gs, CALLERS_MS);
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
    if (g->failing) /* a request that was read meanwhile found the same */
        return;
    g->failing = true;
    if (g->ever_up) /* a connect() by a cached verdict counts, even if it was not read yet */
        g->all->ops->settle(g->all->arg);
    g->failing = false;
    bool latched = g->ever_up && (g->latches || guard_in_use(g, &time_wait));
    log_note("%s tcp/%u: no protection: %s", btns_addr_ip_str(&g->remote, ip), g->port, g->reason);
    guard_event(g, latched ? GE_FAIL_LATCHED : GE_FAIL_UNUSED);
}
