/* Asks for the child SA for ICMP errors, has charon end it, and writes its entries to the SPD. */
#include "btnsd/latch/keying/icmp_child.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/icmp_child_decide.h"
#include "btnsd/latch/keying/sa_judge.h"

#include <string.h>

#define ASK_MS      9000
#define BUSY_MS     1000  /* other requests are under way */
#define LOST_MS     1000  /* the SA has ended, and not by us */
#define FAILED_MS   60000 /* no answer, or a restart */
#define LIVED_MS    60000 /* an SA that ends earlier has ended soon */
#define LOST_MOST   6
#define DECLINED_MS 3600000 /* the peer refuses it, as an older btnsd does */

/* What the guards between the two addresses say. */
struct need {
    const struct guard *latched; /* one with the key that is latched there; NULL: none, or two */
    const struct guard *asker;   /* one of datagrams that is up, for a service of the peer's */
    uint32_t reqid;              /* of the SA for ICMP with that key; 0: there is none */
};

static bool has_key_of_ours(const struct guard *g)
{
    return g->state != GS_GONE && g->ever_up && g->keying->own && g->has_key;
}

/* Of the SAs that the peer with this guard's key may bring up, as both ends' children have it. */
static uint32_t icmp_child_reqid(const struct guards *gs, const struct guard *g)
{
    const struct pair *p = pair_find(&gs->pairs, &g->key, pair_label(NULL, g->certified));
    return p ? p->reqid : 0;
}

static bool icmp_child_has_sa(const struct icmp_child *c, uint32_t reqid)
{
    for (size_t i = 0; i < c->sas; i++)
        if (c->sa[i].reqid == reqid)
            return true;
    return false;
}

/*
 * One key has two reqids where some guards demand a certificate, and others do not: an SA of either
 * is good.
 */
static void find_sa(struct need *n, const struct icmp_errors *e, uint32_t reqid)
{
    if (reqid && icmp_child_has_sa(&e->child, reqid) && (!n->reqid || reqid == e->esp))
        n->reqid = reqid;
}

static struct need icmp_need_between(const struct guards *gs, const struct icmp_errors *e)
{
    struct need n = {0};
    for (const struct guard *g = NULL; (g = guard_between(gs, &e->local, &e->remote, g));) {
        if (!has_key_of_ours(g))
            continue;
        if (n.latched && !btns_key_equal(&n.latched->key, &g->key))
            return (struct need){0};
        n.latched = g;
        find_sa(&n, e, icmp_child_reqid(gs, g));
        if (!g->mirror && g->state == GS_UP && protocol_is_datagrams(g->service.protocol))
            n.asker = g;
    }
    return n;
}

static void set_own_icmp_child(struct icmp_errors *e, bool ours)
{
    e->all->icmp_children += ours;
    e->all->icmp_children -= e->child.ours;
    e->child.ours = ours;
}

static void review_icmp_child(struct icmp_errors *e);

static void icmp_child_asked(void *arg, enum ike_result result, const struct btns_key *key,
                             const char *why)
{
    struct icmp_errors *e = arg;
    char ip[BTNS_ADDR_STR];
    (void)key;
    log_debug("%s: child SA for ICMP errors: %s", btns_addr_ip_str(&e->remote, ip), why);
    e->child.task = NULL;
    e->all->icmp_asks--;
    if (result != IKE_OK)
        set_own_icmp_child(e, false);
    /* Also beside an SA of another key's. The kernel reports the SA itself. */
    e->child.not_before = loop_now() + (result == IKE_DECLINED ? DECLINED_MS : FAILED_MS);
    review_icmp_child(e);
}

static bool has_icmp_child_room(const struct icmp_errors *e)
{
    return e->child.ours || e->all->icmp_children < ICMP_CHILDREN;
}

static void on_icmp_child_time(struct timer *t);

/* The request leaves when who waits for the guard has been told. */
static void ask_icmp_child_after(struct icmp_errors *e, uint64_t ms)
{
    const struct timer *t = &e->child.again;
    if (has_icmp_child_room(e) && e->all->ike && (!t->slot || t->due > loop_now() + ms))
        loop_after(e->all->loop, &e->child.again, ms, on_icmp_child_time, e);
}

static void ask_for_icmp_child(struct icmp_errors *e, const struct guard *g)
{
    struct guards *gs = e->all;
    const struct ike_service s = {
        .key = g->key, .local = g->local, .remote = g->remote, .cert = g->cert};
    e->child.task = ike_icmp(gs->ike, &s, ASK_MS, icmp_child_asked, e);
    if (!e->child.task) {
        ask_icmp_child_after(e, FAILED_MS);
        return;
    }
    gs->icmp_asks++;
    set_own_icmp_child(e, true);
}

static void on_icmp_child_time(struct timer *t)
{
    struct icmp_errors *e = t->arg;
    const struct need n = icmp_need_between(e->all, e);
    if (!n.asker || e->child.task || n.reqid)
        return;
    if (e->all->icmp_asks >= ICMP_ASKS)
        ask_icmp_child_after(e, BUSY_MS);
    else if (has_icmp_child_room(e))
        ask_for_icmp_child(e, n.asker);
}

static void end_icmp_child(struct icmp_errors *e)
{
    struct guards *gs = e->all;
    const struct pair *last = NULL;
    for (size_t i = 0; i < e->child.sas; i++) {
        const struct pair *p = pair_by_reqid(&gs->pairs, e->child.sa[i].reqid);
        if (p && p != last && gs->ike)
            ike_icmp_end(gs->ike, &e->local, &e->remote, &p->key);
        last = p;
    }
    set_own_icmp_child(e, false);
}

static void review_icmp_child(struct icmp_errors *e)
{
    const struct guards *gs = e->all;
    const struct need n = icmp_need_between(gs, e);
    const uint64_t now = loop_now();
    const struct icmp_child_facts f = {.needed = n.asker != NULL,
                                       .there = n.asker ? n.reqid != 0 : e->child.sas > 0,
                                       .ours = e->child.ours,
                                       .asking = e->child.task != NULL,
                                       .early = e->child.not_before > now};
    icmp_errors_protect(e, n.reqid);
    switch (icmp_child_decide(&f)) {
    case ICMP_CHILD_STAYS:
        break;
    case ICMP_CHILD_ASK:
        ask_icmp_child_after(e, 0);
        break;
    case ICMP_CHILD_ASK_LATER:
        ask_icmp_child_after(e, e->child.not_before - now);
        break;
    case ICMP_CHILD_END:
        end_icmp_child(e);
        break;
    }
}

/* A rekey makes two, and so does a request from either end; a peer might make any number. */
static void refuse_more_icmp_children(struct guards *gs, const struct sad_entry *sa)
{
    char ip[BTNS_ADDR_STR];
    const struct pair *p = pair_by_reqid(&gs->pairs, sa->reqid);
    log_rated(log_warning, "peers that ask for too many SAs for ICMP",
              "%s asked for more than %d SAs for ICMP: refused, and all its SAs are ended",
              btns_addr_ip_str(&sa->dst, ip), ICMP_SAS);
    if (p)
        ike_hang_up_key(gs->ike, &p->key);
}

static size_t icmp_child_index(const struct icmp_child *c, uint32_t spi)
{
    size_t i = 0;
    while (i < c->sas && c->sa[i].spi != spi)
        i++;
    return i;
}

bool icmp_child_took(struct guards *gs, const struct sad_entry *sa)
{
    const struct suite *suite = sa_suite(sa);
    if (!icmp_child_is(sa))
        return false;
    /* NULL: the incoming one of the two. */
    struct icmp_errors *e = icmp_errors_between(gs, &sa->src, &sa->dst);
    struct icmp_child *c = e ? &e->child : NULL;
    if (!c || !suite || !suite_is_strongest(suite) || icmp_child_index(c, sa->spi) < c->sas)
        return true;
    if (c->sas == ICMP_SAS) {
        refuse_more_icmp_children(gs, sa);
        return true;
    }
    if (!c->sas)
        c->up_since = loop_now();
    c->sa[c->sas].spi = sa->spi;
    c->sa[c->sas++].reqid = sa->reqid;
    c->not_before = 0;
    review_icmp_child(e);
    return true;
}

static void drop_icmp_sa(struct icmp_errors *e, size_t i)
{
    struct icmp_child *c = &e->child;
    const uint64_t now = loop_now();
    memmove(c->sa + i, c->sa + i + 1, (--c->sas - i) * sizeof *c->sa);
    if (c->sas)
        return;
    /* A peer that ends it again and again is asked ever more seldom. */
    c->lost = now - c->up_since < LIVED_MS ? c->lost + 1 : 1;
    c->not_before = now + ((uint64_t)LOST_MS << (c->lost < LOST_MOST ? c->lost - 1 : LOST_MOST));
    if (!c->task)
        set_own_icmp_child(e, false);
}

void icmp_child_gone(struct guards *gs, const struct sad_entry *sa)
{
    struct icmp_errors *e = icmp_errors_between(gs, &sa->src, &sa->dst);
    size_t i = e ? icmp_child_index(&e->child, sa->spi) : 0;
    if (!e || i == e->child.sas)
        return;
    bool ended = !e->child.ours && e->child.sas == 1; /* by us: the next may follow at once */
    drop_icmp_sa(e, i);
    if (ended)
        e->child.not_before = 0;
    review_icmp_child(e);
}

static bool icmp_child_is_there(const struct sad_snapshot *sad, const struct icmp_errors *e,
                                size_t i)
{
    size_t n;
    const struct sad_entry *sa = sad_snapshot_of(sad, e->child.sa[i].reqid, &n);
    for (; n; sa++, n--)
        if (sa->spi == e->child.sa[i].spi && btns_addr_ip_equal(&sa->dst, &e->remote))
            return true;
    return false;
}

void icmp_children_compare(struct guards *gs, const struct sad_snapshot *sad)
{
    for (struct icmp_errors *e = gs->icmp_errors_list; e; e = e->next) {
        size_t before = e->child.sas;
        for (size_t i = before; i-- > 0;)
            if (!icmp_child_is_there(sad, e, i))
                drop_icmp_sa(e, i);
        if (e->child.sas < before)
            review_icmp_child(e);
    }
}

void icmp_child_follow(const struct guard *g)
{
    struct icmp_errors *e = icmp_errors_between(g->all, &g->local, &g->remote);
    if (e && (e->child.sas || protocol_is_datagrams(g->service.protocol)))
        review_icmp_child(e);
}
