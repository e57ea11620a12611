/* Has a peer prove its key again when packets leave by its SAs and none comes back. */
#include "btnsd/latch/keying/one_sided.h"

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/keying.h"

#define LOOK_MS 1000
#define SHARE   100 /* at most one part in this many of the time is spent reading counters */

/*
 * A peer that only receives, or seldom sends, is asked less and less often: after 2, 8, 32, 128,
 * 512 readings, until incoming packets were seen in HEARD readings.
 */
#define LOOKS     2u
#define MOST_VAIN 4u
#define HEARD     300u

/* A peer that has just come back needs some seconds until it knows us. */
#define REFUSALS 10u

/* Linux sends a segment again after 0.2, 0.6 and 1.4 s, and more than that over a long path. */
#define UNHEARD_PACKETS 3u
#define UNHEARD_LOOKS   3u

bool one_sided_look(struct traffic *t, uint64_t out, uint64_t in)
{
    const struct traffic was = *t;
    t->out = out;
    t->in = in;
    t->heard += in > was.in;
    if (t->heard >= HEARD)
        t->heard = t->vain = 0;
    if (in != was.in || out < was.out) { /* packets came in, or the SAs are new */
        t->looks = t->silent = t->refused = 0;
        t->sent = 0;
        t->again = false;
        return false;
    }
    t->sent += out - was.out;
    t->silent += t->sent > 0;
    t->looks += out > was.out;
    if (t->again) {
        t->again = false;
        return true;
    }
    if (t->looks < LOOKS << 2 * t->vain)
        return false;
    t->looks = 0;
    return true;
}

void one_sided_refused(struct traffic *t)
{
    t->again = t->sent && t->refused++ < REFUSALS;
}

bool one_sided_silent(const struct traffic *t)
{
    return t->sent >= UNHEARD_PACKETS && t->silent >= UNHEARD_LOOKS;
}

void one_sided_proved(struct traffic *t)
{
    t->vain += t->vain < MOST_VAIN;
    t->heard = 0;
}

static bool sa_is_between(const struct sad_entry *sa, const struct btns_addr *src,
                          const struct btns_addr *dst)
{
    return btns_addr_ip_equal(&sa->src, src) && btns_addr_ip_equal(&sa->dst, dst);
}

static void count_sa_packets(const struct guard *g, const struct sad_snapshot *sad, uint64_t *sent,
                             uint64_t *let_in)
{
    uint64_t out = 0, in = 0;
    size_t n;
    const struct sad_entry *sa = sad_snapshot_of(sad, g->reqid, &n);
    for (; n; sa++, n--) {
        if (sa->sel_protocol != g->service.protocol)
            continue;
        if (sa->sel_dport == g->service.port && sa_is_between(sa, &g->local, &g->remote))
            out += sa->packets;
        else if (sa->sel_sport == g->service.port && sa_is_between(sa, &g->remote, &g->local))
            in += sa->packets;
    }
    *sent = out;
    *let_in = in;
}

bool one_sided_unheard(struct guard *g)
{
    struct sad_snapshot sad;
    uint64_t out, in;
    if (!one_sided_silent(&g->traffic) || sad_snapshot_take(&sad, g->all->xfrm))
        return false;
    count_sa_packets(g, &sad, &out, &in);
    sad_snapshot_free(&sad);
    return in == g->traffic.in;
}

static void check_one_sided_guard(struct guard *g, const struct sad_snapshot *sad)
{
    uint64_t out, in;
    count_sa_packets(g, sad, &out, &in);
    if (in > g->traffic.in) /* from the latched peer: it lives */
        g->met.n = 0;
    if (one_sided_look(&g->traffic, out, in))
        g->keying->confirm(g, 0);
}

/* The clock that reads counters serves these, too. */
static void check_failed_one_sided(struct guard *g)
{
    if (g->state == GS_FAILED && g->met.n && g->all->ops->deserted)
        g->all->ops->deserted(g->all->arg, g);
}

static bool is_one_sided_watched(const struct guard *g)
{
    return !g->mirror && g->keying->confirm;
}

static void check_all_one_sided(struct timer *t)
{
    struct guards *gs = t->arg;
    struct sad_snapshot sad;
    bool any = false;
    const uint64_t start = loop_now();
    int rc = sad_snapshot_take(&sad, gs->xfrm);
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        check_failed_one_sided(g);
        any |= is_one_sided_watched(g);
        if (!rc && is_one_sided_watched(g) && g->state == GS_UP)
            check_one_sided_guard(g, &sad);
    }
    sad_snapshot_free(&sad);
    const unsigned pause = SHARE * (unsigned)(loop_now() - start);
    if (any)
        loop_after(gs->loop, &gs->traffic, pause > LOOK_MS ? pause : LOOK_MS, check_all_one_sided,
                   gs);
}

void one_sided_watch(struct guards *gs)
{
    if (!gs->traffic.slot)
        loop_after(gs->loop, &gs->traffic, LOOK_MS, check_all_one_sided, gs);
}
