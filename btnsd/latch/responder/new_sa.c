/* An SA of our own charon has come up: which guard may use it? Gathers the facts, has
 * keying/sa_judge.c decide, and acts: an SA that is weaker than a latch, or of a peer that has
 * moved, is deleted. */
#include "btnsd/latch/responder/new_sa.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/keying/sa_judge.h"
#include "btnsd/latch/responder/mirror.h"

static bool runs_between(const struct sad_entry *sa, const struct btns_addr *from,
                         const struct btns_addr *to)
{
    return btns_addr_ip_equal(&sa->src, from) && btns_addr_ip_equal(&sa->dst, to);
}

/* Could sa, whose selector may be wide, protect packets of the guard's service? */
static bool concerns(const struct guard *g, const struct sad_entry *sa, bool incoming)
{
    uint16_t port = incoming == g->mirror ? sa->sel_dport : sa->sel_sport;
    return sa->reqid == g->reqid &&
           (!sa->sel_protocol || sa->sel_protocol == g->service.protocol) &&
           (!port || port == g->service.port) &&
           (incoming ? runs_between(sa, &g->remote, &g->local)
                     : runs_between(sa, &g->local, &g->remote));
}

/* A suite that a peer chose at our service is latched only while something uses the guard. */
static void forget_unused(struct guard *g)
{
    uint32_t time_wait;
    if (!g->mirror || g->state != GS_WAITING || g->latches || guard_in_use(g, &time_wait))
        return;
    g->suite = NULL;
    g->encap_local = g->encap_remote = 0;
}

/* What is demanded of every SA of our own charon, also when no guard uses it. */
static struct sa_facts facts_of(const struct sad_entry *sa, bool incoming)
{
    return (struct sa_facts){.maker = SA_OF_OURS,
                             .out = incoming ? NULL : sa,
                             .in = incoming ? sa : NULL,
                             .replay_window = REPLAY_WINDOW_OURS};
}

/* L12: the latched suite is kept, and so is encapsulation in UDP. */
static struct sa_facts facts_for(struct guard *g, const struct sad_entry *sa, bool incoming)
{
    struct sa_facts facts = facts_of(sa, incoming);
    forget_unused(g);
    facts.latched = g->suite;
    facts.encapsulated = g->ever_up && g->encap_remote;
    return facts;
}

/* A mirror cannot ask for a better SA, so the peer has to notice: its IKE SA is ended. */
static void fail_weaker(struct guard *g, const char *why)
{
    const struct ike_entry e = {
        .local = g->local, .remote = g->remote, .key = g->key, .cert = g->cert};
    if (g->mirror)
        ike_hang_up(g->all->ike, &e);
    guard_fail(g, BTNS_R_WEAKER, "%s", why);
}

/* False: why names the fault, and the guards that would have used the SA have failed. */
static bool strong_enough(struct guards *gs, const struct sad_entry *sa, bool incoming,
                          char why[BTNS_TEXT_MAX])
{
    const struct sa_facts any = facts_of(sa, incoming);
    bool ok = sa_is_good(&any, why);
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (!concerns(g, sa, incoming))
            continue;
        const struct sa_facts facts = facts_for(g, sa, incoming);
        if (sa_is_good(&facts, why))
            continue;
        ok = false;
        fail_weaker(g, why);
    }
    return ok;
}

static void fail_moved(struct guard *g, const struct btns_addr *now)
{
    char was_text[BTNS_ADDR_STR], now_text[BTNS_ADDR_STR];
    guard_fail(g, BTNS_R_PEER_GONE,
               "the peer's address has changed from %s to %s: those of a latch never do",
               btns_addr_ip_str(&g->remote, was_text), btns_addr_ip_str(now, now_text));
}

/*
 * charon follows an authenticated peer that says it is behind a NAT to whatever address its packets
 * come from next, even to another host's address (RFC 5386, section 2.2). The peer has to introduce
 * itself from the new address.
 */
static void refuse_moved(struct guards *gs, const struct sad_entry *sa, const struct btns_key *key)
{
    char from[BTNS_ADDR_STR], to[BTNS_ADDR_STR], text[BTNS_KEY_SHORT];
    log_note("an SA of %s from %s to %s, where it was not let in: refused",
             btns_key_short(key, text), btns_addr_ip_str(&sa->src, from),
             btns_addr_ip_str(&sa->dst, to));
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->reqid == sa->reqid && g->gone == sa->spi &&
            btns_addr_ip_equal(&g->local, &sa->src) && !btns_addr_ip_equal(&g->remote, &sa->dst) &&
            g->state != GS_FAILED)
            fail_moved(g, &sa->dst);
    }
    ike_hang_up_key(gs->ike, key);
}

/* False: the SA is deleted, and the guards that would have used it have failed. */
static bool accept_sa(struct guards *gs, const struct sad_entry *sa)
{
    const struct pair *pair = pair_by_reqid(&gs->pairs, sa->reqid);
    char why[BTNS_TEXT_MAX] = "";
    if (!pair)
        return false;
    bool incoming = ike_expects(gs->ike, &sa->dst, &sa->src, &pair->key);
    bool expected = incoming || ike_expects(gs->ike, &sa->src, &sa->dst, &pair->key);
    if (expected && strong_enough(gs, sa, incoming, why))
        return true;
    if (!expected)
        refuse_moved(gs, sa, &pair->key);
    else
        log_note("an SA was refused: %s", why);
    sad_del(gs->xfrm, sa);
    return false;
}

bool sa_is_outgoing(const struct guard *g, const struct sad_entry *sa)
{
    return !g->keying->by_spi && !sa->sel_several_ports && sa->reqid == g->reqid &&
           sa->sel_protocol == g->service.protocol &&
           (g->mirror ? sa->sel_sport : sa->sel_dport) == g->service.port &&
           !(g->mirror ? sa->sel_dport : sa->sel_sport) && /* else the peer has narrowed it */
           runs_between(sa, &g->local, &g->remote);
}

struct guard *guard_of_sa(struct guards *gs, const struct sad_entry *sa)
{
    struct guard *g = gs->list;
    while (g && !sa_is_outgoing(g, sa))
        g = g->next;
    return g;
}

struct guard *guard_for_new_sa(struct guards *gs, const struct sad_entry *sa)
{
    if (!accept_sa(gs, sa))
        return NULL;
    struct guard *g = guard_of_sa(gs, sa);
    if (!g)
        g = mirror_new(gs, sa);
    if (!g)
        return NULL;
    if (!g->suite) /* a peer chose it, or the guard was adopted */
        g->suite = sa_suite(sa);
    if (!g->suite || (g->mirror && g->state != GS_UP && !mirror_may_come_in(g)))
        return NULL;
    return g;
}

void guards_mapping(struct guards *gs, const struct xfrm_event *ev)
{
    char was[BTNS_ADDR_STR], now[BTNS_ADDR_STR];
    const struct pair *pair = pair_by_reqid(&gs->pairs, ev->sa.reqid);
    bool failed = false;
    log_debug("packets of %s now come from %s", btns_addr_str(&ev->was, was),
              btns_addr_str(&ev->now, now));
    if (!pair || btns_addr_ip_equal(&ev->was, &ev->now))
        return; /* charon sends to the new port from now on */
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (!concerns(g, &ev->sa, true) || g->state == GS_FAILED)
            continue;
        failed = true;
        fail_moved(g, &ev->now);
    }
    if (failed)
        ike_hang_up_key(gs->ike, &pair->key);
}
