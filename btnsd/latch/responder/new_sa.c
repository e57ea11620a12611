/*
 * An SA of our own charon has come up: which guard may use it? Gathers the facts, has
 * new_sa_decide.c and keying/sa_judge.c decide, and acts: an SA that is weaker than a latch, or of
 * a peer that has moved, is deleted.
 */
#include "btnsd/latch/responder/new_sa.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/icmp_child.h"
#include "btnsd/latch/keying/sa_judge.h"
#include "btnsd/latch/keying/unowned_sas.h"
#include "btnsd/latch/responder/mirror.h"
#include "btnsd/latch/responder/new_sa_decide.h"

/*
 * A suite that a peer chose at our service is latched only while something uses the guard.
 * Connections in TIME_WAIT may send with another suite that is as strong.
 */
static bool new_sa_may_change_suite(struct guard *g, const struct sad_entry *sa)
{
    uint32_t time_wait;
    const struct suite *is = sa_suite(sa);
    if (!g->mirror || g->state != GS_WAITING || g->latches)
        return false;
    bool used = guard_in_use(g, &time_wait);
    bool as_strong = is && g->suite && is->key_bits >= g->suite->key_bits;
    return !used || (time_wait && as_strong);
}

/* The next guard after `after` (NULL: the first) that the SA may be for. */
static struct guard *next_guard_for_sa(const struct guards *gs, const struct sad_entry *sa,
                                       bool incoming, const struct guard *after)
{
    return incoming ? guard_between(gs, &sa->dst, &sa->src, after)
                    : guard_between(gs, &sa->src, &sa->dst, after);
}

/* ---- the facts ---- */

/* What is demanded of every SA of our own charon, also when no guard uses it. */
static struct sa_facts new_sa_facts(const struct sad_entry *sa, bool incoming)
{
    return (struct sa_facts){.maker = SA_OF_OURS,
                             .out = incoming ? NULL : sa,
                             .in = incoming ? sa : NULL,
                             .replay_window = REPLAY_WINDOW_OURS};
}

/* L12: the latched suite is kept, and so is encapsulation in UDP. False: why names the fault. */
static bool new_sa_is_good_for(struct guard *g, const struct sad_entry *sa, bool incoming,
                               char why[BTNS_TEXT_MAX])
{
    struct sa_facts facts = new_sa_facts(sa, incoming);
    if (!new_sa_may_change_suite(g, sa)) {
        facts.latched = g->suite;
        /* A peer in BEET mode may move to a place without NAT. */
        facts.encapsulated = g->ever_up && g->encap_remote && !guard_is_beet(g);
    }
    return sa_is_good(&facts, why);
}

/* Gathers what arrival_decide() needs. why: the last of the faults. */
static struct arrival gather_new_sa_facts(struct guards *gs, const struct sad_entry *sa,
                                          const struct pair *pair, char why[BTNS_TEXT_MAX])
{
    struct arrival a = {.paired = pair != NULL};
    if (!pair)
        return a;
    a.expected_in = ike_expects(gs->ike, &sa->dst, &sa->src, &pair->key);
    a.expected_out = ike_expects(gs->ike, &sa->src, &sa->dst, &pair->key);
    const struct sa_facts any = new_sa_facts(sa, a.expected_in);
    a.faults += !sa_is_good(&any, why);
    for (struct guard *g = NULL; (g = next_guard_for_sa(gs, sa, a.expected_in, g));)
        if (new_sa_concerns(g, sa, a.expected_in))
            a.faults += !new_sa_is_good_for(g, sa, a.expected_in, why);
    return a;
}

/* ---- what follows ---- */

/*
 * An SA with another suite than a guard's was accepted only if nothing uses the guard: the guard
 * gets the new suite.
 */
static void forget_replaced_suites(struct guards *gs, const struct sad_entry *sa, bool incoming)
{
    for (struct guard *g = NULL; (g = next_guard_for_sa(gs, sa, incoming, g));)
        if (new_sa_concerns(g, sa, incoming) && g->suite && g->suite != sa_suite(sa)) {
            g->suite = NULL;
            g->encap_local = g->encap_remote = 0;
        }
}

/* A mirror cannot ask for a better SA, so the peer has to notice: ends its IKE SA. */
static void fail_weaker_sa(struct guard *g, const char *why)
{
    const struct ike_entry e = {
        .local = g->local, .remote = g->remote, .key = g->key, .cert = g->cert};
    if (g->mirror)
        ike_hang_up(g->all->ike, &e);
    guard_fail(g, BTNS_R_WEAKER, "%s", why);
}

static void refuse_weaker_sa(struct guards *gs, const struct sad_entry *sa, bool incoming)
{
    char why[BTNS_TEXT_MAX];
    for (struct guard *g = next_guard_for_sa(gs, sa, incoming, NULL), *next; g; g = next) {
        next = next_guard_for_sa(gs, sa, incoming, g);
        if (new_sa_concerns(g, sa, incoming) && !new_sa_is_good_for(g, sa, incoming, why))
            fail_weaker_sa(g, why);
    }
}

static void fail_moved_sa(struct guard *g, const struct btns_addr *now)
{
    char was_text[BTNS_ADDR_STR], now_text[BTNS_ADDR_STR];
    guard_fail(g, BTNS_R_PEER_GONE,
               "the peer's address has changed from %s to %s: a latch's addresses never change",
               btns_addr_ip_str(&g->remote, was_text), btns_addr_ip_str(now, now_text));
}

/*
 * charon follows an authenticated peer that says it is behind a NAT to whatever address its packets
 * come from next, even to another host's address (RFC 5386, section 2.2). The peer has to introduce
 * itself from the new address.
 */
static void refuse_moved_sa(struct guards *gs, const struct sad_entry *sa,
                            const struct btns_key *key)
{
    char from[BTNS_ADDR_STR], to[BTNS_ADDR_STR], text[BTNS_KEY_SHORT];
    log_rated(log_warning, "SAs of peers that have moved",
              "an SA of %s from %s to %s, where it was not let in: refused",
              btns_key_short(key, text), btns_addr_ip_str(&sa->src, from),
              btns_addr_ip_str(&sa->dst, to));
    for (struct guard *g = guard_with_reqid(gs, sa->reqid, NULL), *next; g; g = next) {
        next = guard_with_reqid(gs, sa->reqid, g);
        if (new_sa_replaces(g, sa))
            fail_moved_sa(g, &sa->dst);
    }
    ike_hang_up_key(gs->ike, key);
}

/*
 * False: no guard may use the SA. If it is a known key's, it is deleted, and the guards that it was
 * for have failed.
 */
static bool accept_new_sa(struct guards *gs, const struct sad_entry *sa)
{
    const struct pair *pair = pair_by_reqid(&gs->pairs, sa->reqid);
    char why[BTNS_TEXT_MAX] = "";
    const struct arrival a = gather_new_sa_facts(gs, sa, pair, why);
    switch (new_sa_judge(&a)) {
    case ARRIVAL_UNKNOWN:
        return false;
    case ARRIVAL_ACCEPTED:
        forget_replaced_suites(gs, sa, a.expected_in);
        return true;
    case ARRIVAL_MOVED:
        refuse_moved_sa(gs, sa, &pair->key);
        break;
    case ARRIVAL_WEAKER:
        refuse_weaker_sa(gs, sa, a.expected_in);
        log_rated(log_warning, "SAs refused", "an SA was refused: %s", why);
        break;
    }
    sad_del(gs->xfrm, sa);
    return false;
}

bool sa_is_outgoing(const struct guard *g, const struct sad_entry *sa)
{
    return !g->keying->by_spi && !sa->sel_several_ports && sa->reqid == g->reqid &&
           sa->sel_protocol == g->service.protocol &&
           (g->mirror ? sa->sel_sport : sa->sel_dport) == g->service.port &&
           !(g->mirror ? sa->sel_dport : sa->sel_sport) && /* else the peer has narrowed it */
           btns_addr_ip_equal(&sa->src, &g->local) && btns_addr_ip_equal(&sa->dst, &g->remote);
}

struct guard *guard_of_sa(struct guards *gs, const struct sad_entry *sa)
{
    const struct service theirs = {sa->sel_protocol, sa->sel_dport};
    const struct service ours = {sa->sel_protocol, sa->sel_sport};
    struct guard *g = guard_find(gs, &sa->src, &sa->dst, theirs, false);
    if (!g || !sa_is_outgoing(g, sa))
        g = guard_find(gs, &sa->src, &sa->dst, ours, true);
    return g && sa_is_outgoing(g, sa) ? g : NULL;
}

struct guard *guard_for_new_sa(struct guards *gs, const struct sad_entry *sa)
{
    if (!accept_new_sa(gs, sa))
        return NULL;
    unowned_seen(gs, sa);
    if (icmp_child_took(gs, sa))
        return NULL;
    struct guard *g = guard_of_sa(gs, sa);
    if (!g)
        g = mirror_new(gs, sa);
    if (!g)
        return NULL;
    if (!g->suite) /* the peer chose the suite, or the guard was adopted */
        g->suite = sa_suite(sa);
    if (!g->suite || (g->mirror && g->state != GS_UP && !mirror_may_come_in(g)))
        return NULL;
    return g;
}

void new_sa_mapping(struct guards *gs, const struct xfrm_event *ev)
{
    char was[BTNS_ADDR_STR], now[BTNS_ADDR_STR];
    const struct pair *pair = pair_by_reqid(&gs->pairs, ev->sa.reqid);
    bool failed = false;
    log_debug("packets of %s now come from %s", btns_addr_str(&ev->was, was),
              btns_addr_str(&ev->now, now));
    if (!pair || btns_addr_ip_equal(&ev->was, &ev->now))
        return; /* charon sends to the new port from now on */
    for (struct guard *g = next_guard_for_sa(gs, &ev->sa, true, NULL), *next; g; g = next) {
        next = next_guard_for_sa(gs, &ev->sa, true, g);
        if (!new_sa_concerns(g, &ev->sa, true) || g->state == GS_FAILED)
            continue;
        failed = true;
        fail_moved_sa(g, &ev->now);
    }
    if (failed)
        ike_hang_up_key(gs->ike, &pair->key);
}
