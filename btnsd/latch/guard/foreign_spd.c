/* SPD entries of other programs with precedence over guards, and shields: blocks above them. */
#include "btnsd/latch/guard/foreign_spd.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/search.h"
#include "libapi/wire/array.h"

#include <stdlib.h>

/* Can this entry decide about a packet before a guard does? */
static bool entry_stands_above(const struct spd_entry *e)
{
    return !e->ours && e->priority <= (e->dir == SPD_IN ? PRIO_GUARD_IN : PRIO_GUARD);
}

static bool covers_address(const struct btns_addr *net, uint8_t bits, const struct btns_addr *a,
                           uint16_t port)
{
    return btns_addr_in(a, net, bits) && (!net->port || !port || net->port == port);
}

static bool overrides_guard(const struct spd_entry *e, const struct guard *g)
{
    return (!g->mirror || e->priority <= PRIO_GUARD) &&
           (!e->protocol || e->protocol == g->service.protocol) &&
           covers_address(&e->local, e->local_bits, &g->local, g->mirror ? g->service.port : 0) &&
           covers_address(&e->remote, e->remote_bits, &g->remote, g->mirror ? 0 : g->service.port);
}

const struct spd_entry *guard_overridden(const struct guard *g)
{
    for (size_t i = 0; i < g->all->foreigners; i++)
        if (overrides_guard(&g->all->foreign[i], g))
            return &g->all->foreign[i];
    return NULL;
}

static struct spd_entry shield_of(const struct guard *g, enum spd_dir dir)
{
    struct spd_entry e = {
        .dir = dir,
        .priority = PRIO_SHIELD,
        .action = SPD_BLOCK,
        .protocol = g->service.protocol,
        .local = g->local,
        .remote = g->remote,
        .local_bits = (uint8_t)btns_addr_bits(&g->local),
        .remote_bits = (uint8_t)btns_addr_bits(&g->remote),
    };
    *(g->mirror ? &e.local.port : &e.remote.port) = g->service.port;
    return e;
}

/*
 * If a foreign entry could let a latched connection's packets out in the clear, blocks these
 * packets.
 */
void guard_shield(struct guard *g, bool on)
{
    struct spd_entry in = shield_of(g, SPD_IN), out = shield_of(g, SPD_OUT);
    struct err err;
    if (on == g->shield)
        return;
    g->shield = on;
    if (!on) {
        spd_del(g->all->xfrm, &in);
        spd_del(g->all->xfrm, &out);
    } else if (spd_set(g->all->xfrm, &out, &err) || spd_set(g->all->xfrm, &in, &err)) {
        log_warning("the kernel refused to block what overrides a guard: %s", err.text);
    }
}

static bool is_shield_of(const struct guard *g, const struct spd_entry *e)
{
    const struct spd_entry shield = shield_of(g, e->dir);
    return g->shield && spd_same_place(&shield, e);
}

static void sweep_shield(void *arg, const struct spd_entry *e)
{
    struct guards *gs = arg;
    const bool mirror = e->local.port != 0;
    if (!e->ours || e->priority != PRIO_SHIELD)
        return;
    const struct service service = {e->protocol, mirror ? e->local.port : e->remote.port};
    const struct guard *g = guard_find(gs, &e->local, &e->remote, service, mirror);
    if (!g || !is_shield_of(g, e))
        spd_del(gs->xfrm, e);
}

void shields_sweep(struct guards *gs)
{
    spd_dump(gs->xfrm, sweep_shield, gs);
}

static bool same_foreign_selector(const struct spd_entry *a, const struct spd_entry *b)
{
    return a->dir == b->dir && a->protocol == b->protocol && a->local_bits == b->local_bits &&
           a->remote_bits == b->remote_bits && btns_addr_equal(&a->local, &b->local) &&
           btns_addr_equal(&a->remote, &b->remote);
}

static void foreign_spd_drop(struct guards *gs, const struct spd_entry *e)
{
    for (size_t i = gs->foreigners; i-- > 0;)
        if (same_foreign_selector(&gs->foreign[i], e))
            gs->foreign[i] = gs->foreign[--gs->foreigners];
}

static bool is_known_foreign(const struct guards *gs, const struct spd_entry *e)
{
    size_t i = 0;
    while (i < gs->foreigners && !same_foreign_selector(&gs->foreign[i], e))
        i++;
    return i < gs->foreigners;
}

bool foreign_spd_changed(struct guards *gs, const struct xfrm_event *ev)
{
    bool known = is_known_foreign(gs, &ev->spd);
    if (ev->spd_gone)
        foreign_spd_drop(gs, &ev->spd);
    else
        foreign_spd_add(gs, &ev->spd);
    return known || is_known_foreign(gs, &ev->spd);
}

void foreign_spd_add(void *arg, const struct spd_entry *e)
{
    struct guards *gs = arg;
    if (e->ours)
        return;
    foreign_spd_drop(gs, e); /* a newer entry with the same selector replaces the older */
    if (!entry_stands_above(e))
        return;
    struct spd_entry *more =
        array_grow(gs->foreign, &gs->foreign_room, gs->foreigners + 1, sizeof *more);
    if (!more)
        return;
    gs->foreign = more;
    gs->foreign[gs->foreigners++] = *e;
}
