/* Handles reports of the kernel and charon about SAs, for the guards that use them. */
#include "btnsd/reports/sa_events.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/orphaned_sas.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/beet.h"
#include "btnsd/latch/keying/by_spi.h"
#include "btnsd/latch/keying/icmp_child.h"
#include "btnsd/latch/responder/allow.h"
#include "btnsd/latch/responder/callers_find.h"
#include "btnsd/latch/responder/new_sa.h"
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/xfrm/snapshot.h"

#include <string.h>

/*
 * charon moves an SA in BEET mode by deleting it and adding it again. A proof by btnsd would
 * disturb the move, so an SA counts as lost only if it does not come back within this time.
 */
#define MOVE_MS 500

/*
 * A new exchange, not a rekey: the peer has lost its earlier SAs, so the newest SA is the one that
 * it can read. The reports of charon and of the kernel come in either order.
 */
static void name_fresh_sa(struct guards *gs, struct guard *g)
{
    uint32_t newest = g->sas ? g->sa[g->sas - 1] : 0;
    for (const struct fresh_sa *f = gs->fresh; newest && f < gs->fresh + GUARD_FRESH; f++) {
        if (f->spi != newest)
            continue;
        g->nat = f->nat;
        if (g->state == GS_UP && g->spi != newest) {
            guard_spd(g, SPD_ESP, newest);
            guard_restored(g);
        }
    }
}

static void add_sa_spi(struct guard *g, uint32_t spi)
{
    for (size_t i = 0; i < g->sas; i++)
        if (g->sa[i] == spi)
            return;
    if (g->sas == GUARD_SAS)
        memmove(g->sa, g->sa + 1, --g->sas * sizeof *g->sa);
    g->sa[g->sas++] = spi;
}

static bool drop_sa_spi(struct guard *g, uint32_t spi)
{
    for (size_t i = 0; i < g->sas; i++)
        if (g->sa[i] == spi) {
            g->gone = spi;
            memmove(g->sa + i, g->sa + i + 1, (--g->sas - i) * sizeof *g->sa);
            return true;
        }
    return false;
}

static void note_sa_encapsulation(struct guard *g, const struct sad_entry *sa)
{
    char ip[BTNS_ADDR_STR];
    if (g->encap_remote && sa->encap && g->encap_remote != sa->encap_dport)
        log_rated(log_note, "NATs that have changed a port",
                  "%s %s/%u: its NAT has changed the UDP port, from %u to %u",
                  btns_addr_ip_str(&g->remote, ip), protocol_name(g->service.protocol),
                  g->service.port, g->encap_remote, sa->encap_dport);
    g->encap_local = sa->encap ? sa->encap_sport : 0;
    g->encap_remote = sa->encap ? sa->encap_dport : 0;
}

/* In BEET mode: where the peer is, and where we are. True: one of the two has changed. */
static bool note_sa_outer(struct guard *g, const struct sad_entry *sa)
{
    char was[BTNS_ADDR_STR], now[BTNS_ADDR_STR], key[BTNS_KEY_SHORT];
    if (!sa->outer_dst.family || (btns_addr_ip_equal(&g->outer_local, &sa->outer_src) &&
                                  btns_addr_ip_equal(&g->outer_remote, &sa->outer_dst)))
        return false;
    const bool left = g->ever_up && !btns_addr_ip_equal(&g->outer_remote, &sa->outer_dst);
    if (left)
        log_rated(log_note, "peers that have moved", "%s has moved from %s to %s: %s/%u goes on",
                  btns_key_short(&g->key, key), btns_addr_ip_str(&g->outer_remote, was),
                  btns_addr_ip_str(&sa->outer_dst, now), protocol_name(g->service.protocol),
                  g->service.port);
    g->outer_local = sa->outer_src;
    g->outer_remote = sa->outer_dst;
    if (left)
        beet_record(g); /* the next connection begins at the new address */
    return true;
}

static void sa_new(struct guards *gs, const struct sad_entry *sa)
{
    struct guard *g = guard_for_new_sa(gs, sa);
    if (!g)
        return;
    add_sa_spi(g, sa->spi);
    note_sa_encapsulation(g, sa);
    const bool moved = note_sa_outer(g, sa);
    const struct spd_entry *above = guard_overridden(g);
    /* While a foreign SPD entry is above those of a failed guard, the guard stays failed. */
    if (g->state != GS_FAILED || !above)
        guard_event(g, g->mirror && g->state != GS_UP ? GE_MIRROR : GE_SA_UP);
    if (moved && g->state == GS_UP)
        guard_spd(g, SPD_ESP, sa->spi);
    name_fresh_sa(gs, g);
    if (above && g->state != GS_FAILED)
        guard_fail(g, BTNS_R_OVERRIDDEN,
                   "an SPD entry of priority %u, which is not btnsd's, overrides its guard",
                   above->priority);
}

static void guard_lost_all_sas(struct guard *g)
{
    g->introduced = false;
    g->tries = 0;
    guard_event(g, g->mirror ? GE_PEER_CLOSED : GE_SA_GONE);
}

static void on_sa_not_moved(struct timer *t)
{
    struct guard *g = t->arg;
    if (!g->sas)
        guard_lost_all_sas(g);
}

static void sa_gone(struct guards *gs, const struct sad_entry *sa)
{
    struct guard *g = guard_of_sa(gs, sa);
    icmp_child_gone(gs, sa);
    if (!g || !drop_sa_spi(g, sa->spi))
        return;
    if (!g->sas && guard_is_beet(g) && g->state == GS_UP) {
        loop_after(gs->loop, &g->move, MOVE_MS, on_sa_not_moved, g);
    } else if (!g->sas) {
        guard_lost_all_sas(g);
    } else if (g->spi == sa->spi && g->state == GS_UP) {
        /* The peer deleted its old SA, so it can use the new one: no packet is lost. */
        guard_spd(g, SPD_ESP, g->sa[g->sas - 1]);
    }
}

static bool sa_is_there(const struct sad_snapshot *sad, const struct guard *g, uint32_t spi)
{
    size_t n;
    const struct sad_entry *sa = sad_snapshot_of(sad, g->reqid, &n);
    for (; n; sa++, n--)
        if (sa->spi == spi && sa->alg[0] && sa_is_outgoing(g, sa))
            return true;
    return false;
}

static void missed_new_sas(void *arg, const struct sad_entry *sa)
{
    if (sa->spi && sa->alg[0])
        sa_new(arg, sa);
}

static void drop_missing_sas(struct guards *gs, struct guard *g, const struct sad_snapshot *sad)
{
    for (size_t i = g->sas; i-- > 0;) {
        if (sa_is_there(sad, g, g->sa[i]))
            continue;
        struct sad_entry gone = {.spi = g->sa[i], .reqid = g->reqid};
        gone.src = g->local;
        gone.dst = g->remote;
        gone.sel_protocol = g->service.protocol;
        *(g->mirror ? &gone.sel_sport : &gone.sel_dport) = g->service.port;
        sa_gone(gs, &gone);
    }
}

/* Reports were lost, or the SAD was flushed: compares the guards' SAs with the SAD. */
static void resync_sas(struct guards *gs)
{
    struct sad_snapshot sad;
    int rc = sad_snapshot_take(&sad, gs->xfrm);
    for (struct guard *g = gs->list, *next; !rc && g; g = next) {
        next = g->next;
        if (g->keying->recheck)
            g->keying->recheck(g);
        else
            drop_missing_sas(gs, g, &sad);
    }
    if (!rc)
        icmp_children_compare(gs, &sad);
    sad_snapshot_free(&sad);
    if (rc)
        return;
    sad_dump(gs->xfrm, missed_new_sas, gs);
    callers_find_later(gs, 0);
}

/* In BEET mode a guard without SAs is up for MOVE_MS more. */
static bool has_no_sa(const struct guard *g)
{
    return g->state == GS_WAITING || (g->state == GS_UP && !g->sas);
}

/* Tells charon and the peers that SAs were flushed, so that peers of mirrors make new ones. */
static void hang_up_flushed_sas(struct guards *gs)
{
    log_warning("somebody flushed the SAD: what is latched is agreed anew");
    for (struct guard *g = gs->list; g; g = g->next)
        if (g->mirror && g->has_key && has_no_sa(g)) {
            const struct ike_entry e = {
                .local = g->local, .remote = g->remote, .key = g->key, .cert = g->cert};
            ike_hang_up(gs->ike, &e);
        }
}

void sa_events_xfrm_event(struct guards *gs, const struct xfrm_event *ev)
{
    switch (ev->type) {
    case XFRM_EV_SA_NEW:
        if (reqid_is_ours(ev->sa.reqid))
            sa_new(gs, &ev->sa);
        else {
            guards_named_sa(gs, &ev->sa, false);
            callers_sa(gs, &ev->sa);
        }
        break;
    case XFRM_EV_SA_GONE:
        if (reqid_is_ours(ev->sa.reqid))
            sa_gone(gs, &ev->sa);
        else
            guards_named_sa(gs, &ev->sa, true);
        break;
    case XFRM_EV_MAPPING:
        if (reqid_is_ours(ev->sa.reqid))
            new_sa_mapping(gs, ev);
        break;
    case XFRM_EV_SA_FLUSH:
        resync_sas(gs);
        hang_up_flushed_sas(gs);
        break;
    case XFRM_EV_LOST:
        resync_sas(gs); /* kernel_events.c compares the SPD, with floors */
        break;
    default:
        break;
    }
}

void sa_events_child_up(struct guards *gs, uint32_t reqid, uint32_t spi_out,
                        const struct ike_nat *nat)
{
    gs->fresh[gs->fresh_at++ % GUARD_FRESH] = (struct fresh_sa){spi_out, *nat};
    for (struct guard *g = NULL; (g = guard_with_reqid(gs, reqid, g));)
        name_fresh_sa(gs, g);
}

void sa_events_inner(struct guards *gs, const struct btns_addr *local,
                     const struct btns_addr *remote, const struct btns_key *key,
                     const struct btns_addr *inner)
{
    for (struct guard *g = NULL; (g = guard_between(gs, local, remote, g));)
        if (g->has_key && btns_key_equal(&g->key, key))
            g->inner = *inner;
}

/* charon has restarted without state: admits known peers, and makes the SAs of guards again. */
void sa_events_ike_ready(struct guards *gs)
{
    for (size_t i = 0; i < peers_count(gs->peers); i++)
        guards_ike_allow(gs, peers_at(gs->peers, i));
    gs->away[0] = '\0';
    guards_allow_certified(gs);
    serve_review_later(gs);
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->state == GS_UP && !g->mirror && g->keying->renew)
            g->keying->renew(g);
        else if (g->state == GS_FAILED && g->code == BTNS_R_MANAGER && !g->mirror)
            guard_retry(g);
    }
}

void sa_events_ike_away(struct guards *gs, const char *why)
{
    snprintf(gs->away, sizeof gs->away, "the IKE daemon cannot be started: %s", why);
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->keying->own && g->state != GS_NEW && g->state != GS_FAILED && g->state != GS_CLOSING)
            guard_fail(g, BTNS_R_MANAGER, "%s", gs->away);
    }
}
