/* SAs that are not to be had: weaker than what is latched, or of a peer that is not where it was
 * let in. */
#include "btnsd/latch/responder/refuse_sa.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/keying/sa_check.h"

static bool runs_between(const struct sad_entry *sa, const struct btns_addr *from,
                         const struct btns_addr *to)
{
    return btns_addr_ip_equal(&sa->src, from) && btns_addr_ip_equal(&sa->dst, to);
}

/* Could packets of g's service be protected by sa? Its selector may be wide. */
static bool concerns(const struct guard *g, const struct sad_entry *sa, bool incoming)
{
    uint16_t port = incoming == g->mirror ? sa->sel_dport : sa->sel_sport;
    return sa->reqid == g->reqid &&
           (!sa->sel_protocol || sa->sel_protocol == g->service.protocol) &&
           (!port || port == g->service.port) &&
           (incoming ? runs_between(sa, &g->remote, &g->local)
                     : runs_between(sa, &g->local, &g->remote));
}

/* What a peer asked for at our service is latched as long as there is something of it. */
static void forget_unused(struct guard *g)
{
    uint32_t time_wait;
    if (!g->mirror || g->state != GS_WAITING || g->latches || guard_in_use(g, &time_wait))
        return;
    g->suite = NULL;
    g->encap_local = g->encap_remote = 0;
}

/* What is latched stays so (L12): encapsulation, too, is not given up. */
static struct quality wanted(const struct guard *g)
{
    return (struct quality){.suite = g->suite, .encapsulated = g->ever_up && g->encap_remote};
}

/* False: err says why, and the guards that would have used it have failed. */
static bool strong_enough(struct guards *gs, const struct sad_entry *sa, bool incoming,
                          struct err *err)
{
    const struct quality any = {0};
    bool ok = sa_check(&any, sa, incoming, err);
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (!concerns(g, sa, incoming))
            continue;
        forget_unused(g);
        const struct quality q = wanted(g);
        if (sa_check(&q, sa, incoming, err))
            continue;
        ok = false;
        /* A mirror cannot ask for a better one: the peer has to notice. */
        const struct ike_entry e = {
            .local = g->local, .remote = g->remote, .key = g->key, .cert = g->cert};
        if (g->mirror)
            ike_hang_up(gs->ike, &e);
        guard_fail(g, BTNS_R_WEAKER, "%s", err->text);
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
 * come from next: also to one that is somebody else's (RFC 5386, section 2.2). It has to introduce
 * itself from there.
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

bool guards_take_sa(struct guards *gs, const struct sad_entry *sa)
{
    const struct pair *pair = pair_by_reqid(&gs->pairs, sa->reqid);
    struct err err = {""};
    if (!pair)
        return false;
    bool incoming = ike_expects(gs->ike, &sa->dst, &sa->src, &pair->key);
    bool expected = incoming || ike_expects(gs->ike, &sa->src, &sa->dst, &pair->key);
    if (expected && strong_enough(gs, sa, incoming, &err))
        return true;
    if (!expected)
        refuse_moved(gs, sa, &pair->key);
    else
        log_note("an SA was refused: %s", err.text);
    sad_del(gs->xfrm, sa);
    return false;
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
