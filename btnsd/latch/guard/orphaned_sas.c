/* Deletes SAs, and charon's policies for them, that are left when charon is killed. */
#include "btnsd/latch/guard/orphaned_sas.h"
#include "libapi/wire/array.h"

#include <stdlib.h>

static void drop_sa(void *arg, const struct sad_entry *sa)
{
    if (reqid_is_ours(sa->reqid))
        sad_del(arg, sa);
}

/* Is the entry charon's own policy for an SA of ours? */
static bool is_charons(const struct spd_entry *e)
{
    return !e->ours && e->action == SPD_ESP && reqid_is_ours(e->reqid);
}

static void drop_policy(void *arg, const struct spd_entry *e)
{
    struct spd_entry gone = *e;
    gone.foreign = true;
    if (is_charons(e))
        spd_del(arg, &gone);
}

void guards_drop_sas(struct guards *gs)
{
    sad_dump(gs->xfrm, drop_sa, gs->xfrm);
    spd_dump(gs->xfrm, drop_policy, gs->xfrm);
    free(gs->orphan);
    gs->orphan = NULL;
    gs->orphans = gs->orphan_room = 0;
}

static bool is_between(const struct sad_entry *sa, const struct btns_addr *src,
                       const struct btns_addr *dst)
{
    return btns_addr_ip_equal(&sa->src, src) && btns_addr_ip_equal(&sa->dst, dst);
}

struct dropping {
    struct guard *guard;
    bool any;
};

static void drop_of_guard(void *arg, const struct sad_entry *sa)
{
    struct dropping *d = arg;
    struct guard *g = d->guard;
    bool out = is_between(sa, &g->local, &g->remote), in = is_between(sa, &g->remote, &g->local);
    uint16_t port = out == g->mirror ? sa->sel_sport : sa->sel_dport;
    if (sa->reqid == g->reqid && (out || in) && sa->sel_protocol == g->service.protocol &&
        port == g->service.port) {
        sad_del(g->all->xfrm, sa);
        d->any = true;
    }
}

static void drop_policy_of_guard(void *arg, const struct spd_entry *e)
{
    struct guard *g = arg;
    if (e->reqid == g->reqid && e->protocol == g->service.protocol &&
        btns_addr_ip_equal(&e->local, &g->local) && btns_addr_ip_equal(&e->remote, &g->remote) &&
        (g->mirror ? e->local.port : e->remote.port) == g->service.port)
        drop_policy(g->all->xfrm, e);
}

bool guard_drop_sas(struct guard *g)
{
    struct dropping d = {.guard = g};
    if (!reqid_is_ours(g->reqid))
        return false; /* the administrator's, which left_sas.c has used */
    sad_dump(g->all->xfrm, drop_of_guard, &d);
    spd_dump(g->all->xfrm, drop_policy_of_guard, g);
    return d.any;
}

static void collect_sa(void *arg, const struct sad_entry *sa)
{
    struct guards *gs = arg;
    struct sad_entry *more;
    if (!reqid_is_ours(sa->reqid))
        return;
    more = array_grow(gs->orphan, &gs->orphan_room, gs->orphans + 1, sizeof *more);
    if (!more)
        return;
    gs->orphan = more;
    gs->orphan[gs->orphans++] = *sa;
}

static void end_orphans(struct timer *t)
{
    struct guards *gs = t->arg;
    for (size_t i = 0; i < gs->orphans; i++)
        sad_del(gs->xfrm, &gs->orphan[i]);
    free(gs->orphan);
    gs->orphan = NULL;
    gs->orphans = gs->orphan_room = 0;
}

void guards_ike_died(struct guards *gs)
{
    free(gs->orphan);
    gs->orphan = NULL;
    gs->orphans = gs->orphan_room = 0;
    sad_dump(gs->xfrm, collect_sa, gs);
    loop_after(gs->loop, &gs->orphans_end, ORPHANS_MS, end_orphans, gs);
}
