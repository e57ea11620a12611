/*
 * Handles changes of the SPD: writes deleted entries of btnsd again, and breaks latches that an
 * entry of another program overrides.
 */
#include "btnsd/reports/spd_events.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/latch/responder/callers_find.h"

/* A guard that has failed already keeps its reason, and is shielded as well. */
static void break_overridden_guards(struct guards *gs)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        const struct spd_entry *e = guard_overridden(g);
        next = g->next;
        if (e && g->state == GS_FAILED)
            guard_shield(g, true);
        else if (e && g->state != GS_NEW)
            guard_fail(g, BTNS_R_OVERRIDDEN,
                       "an SPD entry of priority %u, which is not btnsd's, overrides its guard",
                       e->priority);
    }
}

/* Retries guards that no entry overrides any more. A mirror without an SA waits for the peer. */
static void mend_overridden_guards(struct guards *gs)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->state != GS_FAILED || guard_overridden(g))
            continue;
        guard_shield(g, false);
        if (g->code != BTNS_R_OVERRIDDEN)
            continue;
        if (g->mirror && g->keying->by_spi)
            g->keying->recheck(g);
        else if (g->sas)
            guard_event(g, GE_SA_UP);
        else if (!g->mirror)
            guard_retry(g);
    }
}

unsigned guards_spd_compare(struct guards *gs, const struct spd_snapshot *s)
{
    unsigned mended = 0;
    for (struct guard *g = gs->list; g; g = g->next)
        mended += guard_spd_mend(g, s);
    return mended + other_sources_compare(gs, s) + icmp_errors_compare(gs, s);
}

void guards_spd_read(struct guards *gs)
{
    gs->foreigners = 0;
    spd_dump(gs->xfrm, foreign_spd_add, gs);
    break_overridden_guards(gs);
    mend_overridden_guards(gs);
}

void guards_spd_restore(struct guards *gs)
{
    other_sources_restore(gs);
    icmp_errors_restore(gs);
    for (struct guard *g = gs->list; g; g = g->next)
        if (g->spd != SPD_ALLOW) {
            guard_spd(g, g->spd, g->spi);
            if (g->shield) {
                g->shield = false;
                guard_shield(g, true);
            }
        }
}

bool guards_spd_changed(struct guards *gs, const struct xfrm_event *ev)
{
    if (ev->own)
        return false;
    bool all = ev->spd_flush;
    if (!all && !ev->spd_valid)
        return false; /* not for this host's own packets, but for example a forwarding entry */
    if (ev->spd_gone && (all || ev->spd.ours)) {
        log_warning("somebody %s the SPD: btnsd's entries are put back",
                    all ? "flushed" : "deleted a guard from");
        guards_spd_restore(gs);
    }
    if (all)
        guards_spd_read(gs);
    else if (foreign_spd_changed(gs, ev)) {
        break_overridden_guards(gs);
        mend_overridden_guards(gs);
    }
    if (ev->spd_gone)
        callers_find_later(gs, 0);
    return ev->spd_gone && (all || ev->spd.ours);
}
