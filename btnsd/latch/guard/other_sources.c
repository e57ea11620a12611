/* Holds packets to a guarded service that leave from an address of ours without a guard. */
#include "btnsd/latch/guard/other_sources.h"

#include "btnsd/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_target(const struct btns_addr *remote, struct service service)
{
    const uint16_t number[] = {service.port, service.protocol};
    return hash_more(hash_more(hash_begin(), remote->ip, sizeof remote->ip), number, sizeof number);
}

static uint64_t hash_reqid(uint32_t reqid)
{
    return hash_more(hash_begin(), &reqid, sizeof reqid);
}

static struct other_sources *find_others(const struct guards *gs, const struct guard *g)
{
    const size_t at = offsetof(struct other_sources, at_target);
    struct other_sources *o =
        hash_item(hash_table_first(&gs->others, hash_target(&g->remote, g->service)), at);
    while (o && !(service_same(o->service, g->service) && btns_addr_equal(&o->remote, &g->remote)))
        o = hash_item(hash_table_next(&o->at_target), at);
    return o;
}

static struct other_sources *others_with_reqid(const struct guards *gs, uint32_t reqid)
{
    const size_t at = offsetof(struct other_sources, at_reqid);
    struct other_sources *o =
        hash_item(hash_table_first(&gs->others_by_reqid, hash_reqid(reqid)), at);
    while (o && o->reqid != reqid)
        o = hash_item(hash_table_next(&o->at_reqid), at);
    return o;
}

static void unlink_others(struct guards *gs, struct other_sources *o)
{
    hash_table_leave(&gs->others, &o->at_target);
    hash_table_leave(&gs->others_by_reqid, &o->at_reqid);
    *o->link = o->next;
    if (o->next)
        o->next->link = o->link;
}

static struct spd_entry other_source_entry(const struct other_sources *o,
                                           const struct own_address *local)
{
    struct spd_entry e = {
        .dir = SPD_OUT,
        .priority = PRIO_OTHER_SOURCE,
        .action = SPD_ESP,
        .protocol = o->service.protocol,
        .local = local->net,
        .remote = o->remote,
        .local_bits = (uint8_t)local->bits,
        .remote_bits = (uint8_t)btns_addr_bits(&o->remote),
        .reqid = o->reqid,
    };
    e.remote.port = o->service.port;
    return e;
}

static bool needs_other_source(const struct other_sources *o, const struct own_address *local)
{
    return local->net.family == o->remote.family && !btns_addr_is_loopback(&local->net);
}

static int write_other_sources(struct guards *gs, const struct other_sources *o)
{
    struct err err;
    int rc = 0;
    for (size_t i = 0; !rc && i < gs->own.n; i++) {
        struct spd_entry e = other_source_entry(o, &gs->own.item[i]);
        if (needs_other_source(o, &gs->own.item[i]))
            rc = spd_set(gs->xfrm, &e, &err);
    }
    if (rc)
        log_warning("the kernel refused an entry for another source address: %s", err.text);
    return rc;
}

/*
 * A packet that was held has left a larval state. It is deleted here for an address; for a prefix
 * the packet's address is not known, and the kernel deletes the state after half a minute.
 */
static void delete_other_sources(struct guards *gs, const struct other_sources *o,
                                 const struct own_addresses *own, const struct own_addresses *keep)
{
    for (size_t i = 0; i < own->n; i++) {
        struct spd_entry e = other_source_entry(o, &own->item[i]);
        if (!needs_other_source(o, &own->item[i]) ||
            (keep && own_addresses_list(keep, &own->item[i])))
            continue;
        spd_del(gs->xfrm, &e);
        if (own_address_is_host(&own->item[i]))
            sad_drop_larval(
                gs->xfrm,
                &(struct larval){.src = &own->item[i].net, .dst = &o->remote, .reqid = o->reqid});
    }
}

static void drop_others(struct guards *gs, struct other_sources *o)
{
    unlink_others(gs, o);
    delete_other_sources(gs, o, &gs->own, NULL);
    free(o);
}

static struct other_sources *new_others(struct guards *gs, const struct guard *g)
{
    struct other_sources *o = calloc(1, sizeof *o);
    uint32_t reqid = o ? pair_placeholder(&gs->pairs) : 0;
    if (!reqid) {
        free(o);
        return NULL;
    }
    *o = (struct other_sources){.next = gs->others_list,
                                .link = &gs->others_list,
                                .remote = g->remote,
                                .service = g->service,
                                .reqid = reqid};
    if (o->next)
        o->next->link = &o->next;
    gs->others_list = o;
    hash_table_enter(&gs->others, &o->at_target, hash_target(&o->remote, o->service));
    hash_table_enter(&gs->others_by_reqid, &o->at_reqid, hash_reqid(reqid));
    return o;
}

static void join_others(struct other_sources *o, struct guard *g)
{
    g->others = o;
    g->beside = o->holders;
    g->beside_link = &o->holders;
    if (g->beside)
        g->beside->beside_link = &g->beside;
    o->holders = g;
}

static void leave_others(struct guard *g)
{
    g->others = NULL;
    *g->beside_link = g->beside;
    if (g->beside)
        g->beside->beside_link = g->beside_link;
}

int other_sources_hold(struct guard *g)
{
    struct guards *gs = g->all;
    /* A server sends from the address that its client chose, and in BEET mode there is one. */
    if (g->mirror || g->others || guard_is_beet(g))
        return 0;
    struct other_sources *o = find_others(gs, g);
    if (!o) {
        o = new_others(gs, g);
        int rc = o ? write_other_sources(gs, o) : -ENOMEM;
        if (rc) {
            if (o)
                drop_others(gs, o);
            return rc;
        }
    }
    join_others(o, g);
    return 0;
}

void other_sources_release(struct guard *g)
{
    struct other_sources *o = g->others;
    if (!o)
        return;
    leave_others(g);
    if (!o->holders && !o->stays)
        drop_others(g->all, o);
}

void other_sources_leave(struct guard *g)
{
    if (!g->others)
        return;
    g->others->stays = true;
    leave_others(g);
}

/* When an entry is written again, the kernel looks up anew the packets that the entry holds. */
void other_sources_flush(struct guard *g)
{
    struct err ignored;
    if (!g->others || !own_addresses_have(&g->all->own, &g->local))
        return;
    for (size_t i = 0; i < g->all->own.n; i++) {
        const struct own_address *own = &g->all->own.item[i];
        struct spd_entry e = other_source_entry(g->others, own);
        if (needs_other_source(g->others, own) && btns_addr_in(&g->local, &own->net, own->bits))
            spd_set(g->all->xfrm, &e, &ignored);
    }
    sad_drop_larval(
        g->all->xfrm,
        &(struct larval){.src = &g->local, .dst = &g->remote, .reqid = g->others->reqid});
}

struct guard *other_sources_guard(struct guards *gs, uint32_t reqid)
{
    const struct other_sources *o = others_with_reqid(gs, reqid);
    struct guard *found = o ? o->holders : NULL;
    for (struct guard *g = found; g; g = g->beside)
        if (g->state == GS_UP)
            found = g;
    return found;
}

/* Calls act for each service of a peer that has entries for other sources. */
static void each_others(struct guards *gs,
                        void (*act)(struct guards *gs, const struct other_sources *o, void *arg),
                        void *arg)
{
    for (const struct other_sources *o = gs->others_list; o; o = o->next)
        act(gs, o, arg);
}

static void readdress_others(struct guards *gs, const struct other_sources *o, void *before)
{
    write_other_sources(gs, o);
    delete_other_sources(gs, o, before, &gs->own);
}

/* Not all routes could be read: keeps the entries for addresses that were known before. */
static void keep_held_addresses(struct guards *gs, const struct own_addresses *before)
{
    log_warning("this host's routes cannot be read; packets from the addresses of local ones "
                "may not be held");
    gs->own.partial = true;
    for (size_t i = 0; i < before->n; i++)
        own_addresses_add(&gs->own, &before->item[i].net, before->item[i].bits);
}

void other_sources_readdress(struct guards *gs)
{
    struct own_addresses before = gs->own;
    int rc = own_addresses_read(&gs->own);
    if (!rc && own_addresses_add_local_routes(&gs->own))
        keep_held_addresses(gs, &before);
    if (rc) {
        log_warning("this host's addresses cannot be read; packets from new ones are not held");
        gs->own = before;
        return;
    }
    if (gs->own.left_out && !before.left_out)
        log_warning("this host has more than %u local routes: packets that leave from the "
                    "addresses of others are not held",
                    OWN_ROUTES_MAX);
    each_others(gs, readdress_others, &before);
    own_addresses_free(&before);
}

static void restore_others(struct guards *gs, const struct other_sources *o, void *arg)
{
    (void)arg;
    write_other_sources(gs, o);
}

void other_sources_restore(struct guards *gs)
{
    each_others(gs, restore_others, NULL);
}

struct comparison {
    const struct spd_snapshot *snapshot;
    unsigned mended;
};

static void compare_others(struct guards *gs, const struct other_sources *o, void *arg)
{
    struct comparison *c = arg;
    for (size_t i = 0; i < gs->own.n; i++) {
        struct spd_entry e = other_source_entry(o, &gs->own.item[i]);
        c->mended +=
            needs_other_source(o, &gs->own.item[i]) && spd_snapshot_mend(c->snapshot, gs->xfrm, &e);
    }
}

unsigned other_sources_compare(struct guards *gs, const struct spd_snapshot *s)
{
    struct comparison c = {.snapshot = s};
    each_others(gs, compare_others, &c);
    return c.mended;
}

static void sweep_other_source(void *arg, const struct spd_entry *e)
{
    struct guards *gs = arg;
    struct guard place = {.remote = e->remote, .service = {e->protocol, e->remote.port}};
    place.remote.port = 0;
    if (gs->own.partial || !e->ours || e->priority != PRIO_OTHER_SOURCE || e->dir != SPD_OUT)
        return;
    const struct own_address from = {e->local, e->local_bits};
    if (!find_others(gs, &place) || !own_addresses_list(&gs->own, &from))
        spd_del(gs->xfrm, e);
}

void other_sources_sweep(struct guards *gs)
{
    spd_dump(gs->xfrm, sweep_other_source, gs);
}

void other_sources_free(struct guards *gs)
{
    while (gs->others_list) {
        struct other_sources *o = gs->others_list;
        unlink_others(gs, o);
        free(o);
    }
    hash_table_free(&gs->others);
    hash_table_free(&gs->others_by_reqid);
    own_addresses_free(&gs->own);
}
