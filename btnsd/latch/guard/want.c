/* Gives a client the existing guard for its service, if it may be shared, or a new one. */
#include "btnsd/latch/guard/want.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/exchange_turn.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/held_packets.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/left_sas.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/raise_suite.h"
#include "btnsd/latch/guard/table.h"

#include <errno.h>
#include <string.h>

/* For this long after a failure, a new connection does not start another exchange with the peer. */
#define ASK_AGAIN_MS 1000

/* May the peer of broken latches be asked again? It was silent, and may be back. */
static bool guard_is_worth_asking(const struct guard *g)
{
    return g->state == GS_FAILED && g->code == BTNS_R_PEER_GONE && g->keying->own &&
           loop_now() - g->failed >= ASK_AGAIN_MS;
}

static bool guard_has_other_source(const struct guard *g, struct guard_want *want, struct err *err)
{
    want->code = BTNS_R_CONFLICT;
    if (g->left_reqid || key_source_same(&g->source, want->source))
        return false;
    err_set(err, "this service has keys = %s; the rule asks for keys = %s, or for others",
            keys_name(g->source.keys), keys_name(want->source->keys));
    return true;
}

static bool guard_is_broken(const struct guard *g, struct guard_want *want, struct err *err)
{
    if (g->state != GS_FAILED)
        return false;
    want->code = g->code;
    /* The reason about another key is a warning by itself, and long enough. */
    err_set(
        err, "%s%s",
        g->code == BTNS_R_IDENTITY ? "" : "the latches of this service are broken: ", g->reason);
    return true;
}

bool guard_would_refuse(const struct guards *gs, struct guard_want *want, struct err *err)
{
    const struct guard *g = guard_find(gs, &want->local, &want->remote, want->service, false);
    return g && !guard_only_stays(g) &&
           (guard_has_other_source(g, want, err) ||
            (!guard_is_worth_asking(g) && guard_is_broken(g, want, err)));
}

/* Latched parameters never change (L12), so a request for other parameters is refused. */
static bool guard_serves(struct guard *g, struct guard_want *want, struct err *err)
{
    if (guard_has_other_source(g, want, err))
        return false;
    /* The program waits for this try. There is one at a time, and IKE takes some 8 s for it. */
    if (guard_is_worth_asking(g))
        guard_retry(g);
    if (guard_is_broken(g, want, err))
        return false;
    if (want->hold && guard_held_out(g)) {
        want->code = g->tries ? g->doubt : BTNS_R_PEER_GONE;
        err_set(err, "%s, and packets were held for long enough",
                g->tries ? g->doubt_text : "no key is proved there yet");
        return false;
    }
    if (g->keying->fits && !g->keying->fits(g, want, err))
        return false;
    return guard_raise_suite(g, want, err);
}

/* From now on the kernel holds packets to the service, before the program can send one. */
static int hold_packets(struct guard *g, const struct guard_want *want)
{
    if (want->hold)
        g->told_held = loop_now();
    g->strict |= want->hold && !want->prefer;
    return want->hold ? guard_hold_packets(g, want->hold_ms) : 0;
}

/* Fills in the guard; the caller sends the first event. 0, or -errno with err. */
static int prepare_guard(struct guard *g, struct guard_want *want, enum guard_event *first,
                         struct err *err)
{
    g->asked = g->suite = want->suite;
    g->source = *want->source;
    g->keying = g->all->keying[want->source->keys];
    g->demand = demand_copy(want->demand);
    if (!g->demand) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    int rc = g->keying->begin(g, first, err);
    if (rc)
        return rc;
    if (g->keying->own && !guard_may_wait_turn(g, want->prefer, err))
        return -EAGAIN;
    g->hold_reqid = pair_placeholder(&g->all->pairs);
    const struct spd_entry *above = guard_overridden(g);
    if (above) {
        want->code = BTNS_R_OVERRIDDEN;
        err_set(err, "an SPD entry of priority %u, which is not btnsd's, would override the guard",
                above->priority);
        return -EEXIST;
    }
    rc = g->keying->by_spi && !g->hold_reqid ? -ENOSPC : hold_packets(g, want);
    if (rc)
        err_set(err, "the kernel refused the guard: %s", strerror(-rc));
    return rc;
}

/*
 * g blocks the service in place of `old`, which then ends. There is no moment at which neither has
 * entries. 0, or -errno with err.
 */
static int replace_guard(struct guard *old, struct guard *g, struct err *err)
{
    int rc = guard_spd(g, guard_resting(g), 0);
    if (rc) {
        err_set(err, "the kernel refused the guard: %s", strerror(-rc));
        return rc;
    }
    old->taken_over = true;
    old->left_before = 0;
    guard_event(old, GE_IDLE);
    return 0;
}

/* Frees g, which cannot be prepared. What it has written in place of `old` is written again. */
static void give_up_guard(struct guard *g, struct guard *old)
{
    if (old) {
        g->taken_over = true;
        guard_spd(g, SPD_ALLOW, 0);
        guard_spd(old, old->spd, old->spi);
    }
    guard_free(g);
}

/* old: the guard there that it replaces, which only stays for SAs; or NULL. */
static struct guard *new_guard(struct guards *gs, struct guard_want *want, struct guard *old,
                               struct err *err)
{
    want->code = BTNS_R_RESOURCES;
    enum guard_event first;
    struct guard *g = guard_new(gs, &want->local, &want->remote, want->service, false);
    if (!g) {
        err_set(err, "out of memory");
        return NULL;
    }
    g->uid = want->uid;
    g->left_before = old ? old->left_reqid : 0;
    g->counted = count_by_user_add(gs->users, want->uid, err);
    if (!g->counted || prepare_guard(g, want, &first, err) || (old && replace_guard(old, g, err))) {
        give_up_guard(g, old);
        return NULL;
    }
    guard_event(g, first);
    return g;
}

/*
 * A user who floods must not own guards that others need: a guard that waits for its turn, or that
 * nobody used any more, comes under the limits of the next user who asks for it, and any guard
 * under root's when root asks.
 */
static void take_account(struct guard *g, uid_t uid)
{
    if (g->counted && uid != g->uid && g->uid && (!uid || g->queued || g->state == GS_CLOSING))
        guard_set_account(g, uid);
}

void guard_want_again(struct guard *g)
{
    if (g->state != GS_CLOSING)
        return;
    g->wanted = true;
    if (g->keying->keep)
        g->keying->keep(g);
}

struct guard *guard_want(struct guards *gs, struct guard_want *want, struct err *err)
{
    struct guard *g = guard_find(gs, &want->local, &want->remote, want->service, false);
    if (!g || guard_only_stays(g))
        return new_guard(gs, want, g, err);
    if (!guard_serves(g, want, err))
        return NULL;
    if (hold_packets(g, want)) {
        want->code = BTNS_R_RESOURCES;
        err_set(err, "the kernel refused the guard");
        return NULL;
    }
    take_account(g, want->uid);
    g->settling = 0; /* the caller's verdict is younger than the mark */
    guard_want_again(g);
    return g;
}
