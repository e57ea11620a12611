/*
 * Switches BEET mode on and off. While it is on, no clear packet goes to or comes from an inner
 * address: SPD entries below all guards block them, and stand before the address does.
 */
#include "btnsd/running/inner_host.h"

#include "btnsd/base/log.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/responder/allow.h"
#include "btnsd/running/inner_names.h"
#include "btnsd/state/daemon.h"
#include "btnsd/xfrm/inner_route.h"
#include "libapi/wire/inner_address.h"

#include <string.h>

#define BLOCKS 4

/* Both directions, with an inner address at either end. */
static struct spd_entry inner_block(unsigned i)
{
    struct spd_entry e = {.dir = i & 1 ? SPD_IN : SPD_OUT,
                          .priority = PRIO_INNER,
                          .action = SPD_BLOCK,
                          .local = {.family = AF_INET6},
                          .remote = {.family = AF_INET6}};
    memcpy((i & 2 ? &e.local : &e.remote)->ip, INNER_PREFIX, INNER_PREFIX_OCTETS);
    *(i & 2 ? &e.local_bits : &e.remote_bits) = INNER_PREFIX_BITS;
    return e;
}

static int set_inner_blocks(struct xfrm *x, struct err *err)
{
    int rc = 0;
    for (unsigned i = 0; !rc && i < BLOCKS; i++) {
        const struct spd_entry e = inner_block(i);
        rc = spd_set(x, &e, err);
    }
    return rc;
}

static void drop_inner_blocks(struct xfrm *x)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        const struct spd_entry e = inner_block(i);
        spd_del(x, &e);
    }
}

static struct btns_addr own_inner_address(const struct btnsd *d)
{
    struct btns_addr a = {.family = AF_INET6};
    struct in6_addr inner;
    if (!inner_address_of_key(d->host.pub.raw, &inner))
        return (struct btns_addr){0};
    memcpy(a.ip, &inner, sizeof inner);
    return a;
}

/* The entry may be freed. */
static void disallow_inner(void *arg, const struct ike_entry *e)
{
    const struct ike_entry copy = *e;
    if (btns_addr_is_inner(&copy.local))
        ike_disallow(arg, &copy);
}

static const char no_address[] = "this host has no inner address any more";

static void end_inner_latches(struct guards *gs)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (guard_is_beet(g) && g->state != GS_FAILED && !btns_addr_ip_equal(&g->local, &gs->inner))
            guard_fail(g, BTNS_R_RULE, "%s", no_address);
    }
}

/* Resumes latches that failed only because this host lacked its inner address. */
static void resume_inner_latches(struct guards *gs)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->state != GS_FAILED || !guard_is_beet(g) || strcmp(g->reason, no_address) ||
            !btns_addr_ip_equal(&g->local, &gs->inner))
            continue;
        if (g->sas)
            guard_event(g, GE_SA_UP);
        else if (!g->mirror)
            guard_retry(g);
    }
}

/* blocks: deletes the entries that block clear packets, too. */
static void switch_inner_off(struct btnsd *d, const struct btns_addr *inner, bool blocks)
{
    struct err err;
    if (d->guards.inner.family) {
        d->guards.inner.family = 0;
        end_inner_latches(&d->guards);
        if (d->ike)
            ike_each_entry(d->ike, disallow_inner, d->ike);
    }
    if (inner_route_set(inner, false, &err))
        log_debug("the inner address stays: %s", err.text);
    if (blocks)
        drop_inner_blocks(d->xfrm);
    inner_names_end(d);
}

static void switch_inner_on(struct btnsd *d, const struct btns_addr *inner)
{
    char ip[BTNS_ADDR_STR];
    struct err err;
    if (set_inner_blocks(d->xfrm, &err) || inner_route_set(inner, true, &err)) {
        log_warning("mode = beet is not to be had, as this host cannot get its inner address %s: "
                    "%s (is IPv6 off?)",
                    btns_addr_ip_str(inner, ip), err.text);
        return;
    }
    log_note("BEET mode: this host's inner address is %s", btns_addr_ip_str(inner, ip));
    d->guards.inner = *inner;
    ike_use_beet(d->ike);
    inner_names_begin(d);
    for (size_t i = 0; ike_is_ready(d->ike) && i < peers_count(d->peers); i++)
        guards_ike_allow(&d->guards, peers_at(d->peers, i));
    resume_inner_latches(&d->guards);
}

void inner_host_follow(struct btnsd *d)
{
    struct guards *gs = &d->guards;
    if (!d->xfrm || !gs->ike) /* not started yet, or a unit test */
        return;
    const struct btns_addr inner = own_inner_address(d), was = gs->inner;
    const bool on = inner.family && d->rules && rules_want_beet(d->rules);
    if (was.family && on && btns_addr_ip_equal(&was, &inner))
        return;
    if (was.family || !on)
        switch_inner_off(d, was.family ? &was : &inner, !on);
    if (on)
        switch_inner_on(d, &inner);
}

void inner_host_adopted(struct btnsd *d)
{
    end_inner_latches(&d->guards);
}

void inner_host_restore(struct btnsd *d)
{
    struct err err;
    if (d->guards.inner.family && set_inner_blocks(d->xfrm, &err))
        log_warning("clear packets to and from inner addresses may pass: %s", err.text);
}

void inner_host_end(struct btnsd *d)
{
    const struct btns_addr was = d->guards.inner;
    struct err err;
    if (!was.family || !d->xfrm)
        return;
    inner_names_end(d);
    if (inner_route_set(&was, false, &err))
        log_debug("the inner address stays: %s", err.text);
    drop_inner_blocks(d->xfrm);
}
