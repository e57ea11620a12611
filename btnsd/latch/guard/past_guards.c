/*
 * Remembers guards of datagrams that are no longer up, so that a datagram read late still has its
 * peer.
 */
#include "btnsd/latch/guard/past_guards.h"

#include "btnsd/latch/guard/guard.h"

#include <stdlib.h>

static void free_place(struct past_guard *p)
{
    if (p->as)
        credential_unref(p->as->cert);
    free(p->as);
    *p = (struct past_guard){.mirror = false};
}

/*
 * The oldest guard is dropped; guards that ended before now may be missing from the list after
 * this.
 */
static struct past_guard *make_room(struct past_guards *l, const struct guard *g)
{
    struct past_guard *p = &l->item[l->at++ % PAST_GUARDS];
    if (p->gone.mono > l->whole.mono)
        l->whole = p->gone;
    free_place(p);
    p->of = g;
    p->local = g->local;
    p->remote = g->remote;
    p->service = g->service;
    p->mirror = g->mirror;
    return p;
}

/* Copies only the fields that say who the peer was, and how the guard protected. */
static struct guard *copy_guard(const struct guard *g)
{
    static struct demand named = {.identity = IDENTITY_NAMED};
    struct guard *as = calloc(1, sizeof *as);
    if (!as)
        return NULL;
    as->all = g->all;
    as->state = GS_UP;
    as->ever_up = true;
    as->mirror = g->mirror;
    as->local = g->local;
    as->remote = g->remote;
    as->service = g->service;
    as->keying = g->keying;
    as->source.keys = g->source.keys;
    as->uid = g->uid;
    as->suite = g->suite;
    as->demand = g->demand && g->demand->identity == IDENTITY_NAMED ? &named : NULL;
    as->key = g->key;
    as->has_key = g->has_key;
    as->certified = g->certified;
    as->cert = credential_ref(g->cert);
    as->reqid = g->reqid;
    as->nat = g->nat;
    as->inner = g->inner;
    as->encap_local = g->encap_local;
    as->encap_remote = g->encap_remote;
    return as;
}

void past_guard_falls(struct past_guards *l, const struct guard *g)
{
    if (!protocol_is_datagrams(g->service.protocol) || !g->has_key || !g->ever_up)
        return;
    struct past_guard *p = make_room(l, g);
    p->as = copy_guard(g);
    p->from = g->up_since;
    p->to = instant_now();
}

void past_guard_gone(struct past_guards *l, const struct guard *g)
{
    bool any = false;
    const struct instant now = instant_now();
    if (!protocol_is_datagrams(g->service.protocol))
        return;
    for (struct past_guard *p = l->item; p < l->item + PAST_GUARDS; p++) {
        if (p->of != g)
            continue;
        p->of = NULL;
        p->gone = now;
        any = true;
    }
    if (any)
        return;
    struct past_guard *p = make_room(l, g);
    p->of = NULL;
    p->gone = now;
}

bool past_guard_is_for(const struct past_guard *p, uint8_t protocol, const struct btns_addr *local,
                       const struct btns_addr *remote)
{
    return p->service.protocol && p->service.protocol == protocol &&
           p->service.port == (p->mirror ? local : remote)->port &&
           btns_addr_ip_equal(&p->local, local) && btns_addr_ip_equal(&p->remote, remote);
}

void past_guards_free(struct past_guards *l)
{
    for (struct past_guard *p = l->item; p < l->item + PAST_GUARDS; p++)
        free_place(p);
}
