/* Writes, restores and deletes the two SPD entries of a guard. */
#include "btnsd/latch/guard/entries.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/late_sends.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/latch/guard/waiter.h"

/*
 * With SPI 0 the template matches any SA of its reqid. A guard that is closing must not match its
 * own SA, which is still in the SAD, because the peer may have deleted it already. So the template
 * then has hold_reqid, which no SA has.
 */
static uint32_t template_reqid(const struct guard *g, uint32_t spi)
{
    bool only_hold = !spi && (g->keying->by_spi || g->state == GS_CLOSING);
    return only_hold && g->hold_reqid ? g->hold_reqid : g->reqid;
}

/*
 * The incoming template matches any SA of the reqid, so that during a rekey the old SA and the new
 * one are both accepted. With keying.by_spi it matches only the SA that was checked.
 */
static uint32_t incoming_spi(const struct guard *g, uint32_t spi)
{
    size_t i = g->sas;
    while (i && g->sa[i - 1] != spi)
        i--;
    return i && g->keying->by_spi ? g->sa_in[i - 1] : 0;
}

/*
 * The reqid that an entry of SPD_BLOCK has in its template, or 0. The kernel ignores that template;
 * a restarted btnsd reads in it whose SAs the guard stays for (left_sas.h).
 */
static uint32_t blocked_reqid(const struct guard *g)
{
    const bool own = !g->left_before || (g->ever_up && !reqid_is_ours(g->reqid));
    uint32_t reqid = g->left_reqid ? g->left_reqid : own ? g->reqid : g->left_before;
    return reqid_is_ours(reqid) ? 0 : reqid;
}

/*
 * In BEET mode the template names no SPI. When a peer moves, charon deletes its SA and adds it
 * again with the same SPI. A packet that is sent in between makes a larval state: if the template
 * named the SPI, that state would have it, and charon could not add the SA.
 */
static uint32_t outgoing_spi(const struct guard *g, uint32_t spi)
{
    return guard_is_beet(g) ? 0 : spi;
}

static struct spd_entry entry_of(const struct guard *g, enum spd_dir dir, enum spd_action action,
                                 uint32_t spi)
{
    struct spd_entry e = {
        .dir = dir,
        .priority = dir == SPD_IN && !g->mirror ? PRIO_GUARD_IN : PRIO_GUARD,
        .action = action,
        .protocol = g->service.protocol,
        .local = g->local,
        .remote = g->remote,
        .local_bits = (uint8_t)btns_addr_bits(&g->local),
        .remote_bits = (uint8_t)btns_addr_bits(&g->remote),
        .reqid = template_reqid(g, spi),
        .spi = dir == SPD_OUT ? outgoing_spi(g, spi) : incoming_spi(g, spi),
        .outer_local = g->outer_local,
        .outer_remote = g->outer_remote,
    };
    if (dir == SPD_IN && action == SPD_ESP && g->keying->by_spi && !e.spi)
        e.action = SPD_BLOCK;
    if (e.action == SPD_BLOCK)
        e.reqid = blocked_reqid(g);
    *(g->mirror ? &e.local.port : &e.remote.port) = g->service.port;
    return e;
}

/*
 * For a guard that has replaced one which stays for SAs: below its own entries stand two that
 * demand those SAs. They decide when the guard's entries are deleted, and from them a restarted
 * btnsd learns that there is a guard to bring back.
 */
static struct spd_entry replaced_entry_of(const struct guard *g, enum spd_dir dir)
{
    struct spd_entry e = entry_of(g, dir, SPD_BLOCK, 0);
    e.priority = dir == SPD_IN ? PRIO_REPLACED_IN : PRIO_REPLACED;
    e.action = SPD_ESP;
    e.reqid = g->left_before;
    return e;
}

static int write_replaced(const struct guard *g, struct err *err)
{
    const struct spd_entry in = replaced_entry_of(g, SPD_IN), out = replaced_entry_of(g, SPD_OUT);
    int rc = g->left_before ? spd_set(g->all->xfrm, &in, err) : 0;
    return rc || !g->left_before ? rc : spd_set(g->all->xfrm, &out, err);
}

void guard_forget_replaced(struct guard *g)
{
    const struct spd_entry in = replaced_entry_of(g, SPD_IN), out = replaced_entry_of(g, SPD_OUT);
    if (g->left_before) {
        spd_del(g->all->xfrm, &in);
        spd_del(g->all->xfrm, &out);
    }
    g->left_before = 0;
}

static bool mend_replaced(const struct guard *g, const struct spd_snapshot *s)
{
    const struct spd_entry in = replaced_entry_of(g, SPD_IN), out = replaced_entry_of(g, SPD_OUT);
    bool mended = g->left_before && spd_snapshot_mend(s, g->all->xfrm, &in);
    return (g->left_before && spd_snapshot_mend(s, g->all->xfrm, &out)) || mended;
}

static void drop_larval_of(const struct guard *g, uint32_t reqid, uint32_t spi)
{
    const bool beet = guard_is_beet(g);
    const struct larval l = {.src = beet ? &g->outer_local : &g->local,
                             .dst = beet ? &g->outer_remote : &g->remote,
                             .mode = beet ? XFRM_MODE_BEET : XFRM_MODE_TRANSPORT,
                             .reqid = reqid,
                             .spi = spi};
    sad_drop_larval(g->all->xfrm, &l);
}

/* Deletes the larval states of packets that were held, and are sent or dropped by now. */
static void drop_larval(struct guard *g, enum spd_action action, uint32_t spi)
{
    if (g->held && (action != SPD_ESP || spi || g->held != template_reqid(g, 0))) {
        drop_larval_of(g, g->held, 0);
        g->held = 0;
    }
    if (g->spi && g->spi != spi)
        drop_larval_of(g, g->reqid, outgoing_spi(g, g->spi));
}

static void open_waiters(const struct guard *g)
{
    for (struct waiter *w = g->waiters; w; w = w->next)
        if (w->opening)
            w->opening(w);
}

/*
 * Is only the outgoing entry written? Yes for a TCP guard that holds packets and was never up. For
 * datagrams both are written, since their socket cannot be made deaf: it may have other peers.
 */
static bool is_only_out(const struct guard *g, enum spd_action action, uint32_t spi)
{
    return action == SPD_ESP && !spi && !g->ever_up && !g->left_reqid &&
           !protocol_is_datagrams(g->service.protocol);
}

/*
 * If the entry is deleted, the kernel drops the packets that it holds, and TCP sends them again
 * only after a second. With `passing` an entry that allows takes its place for a moment, and the
 * kernel sends these packets.
 */
static void delete_outgoing_entry(struct guard *g, struct spd_entry *out)
{
    struct err ignored;
    late_sends_block(g, out);
    out->action = SPD_ALLOW;
    out->passing = g->passing;
    g->passing = false;
    if (!out->passing || spd_set(g->all->xfrm, out, &ignored))
        spd_del(g->all->xfrm, out);
}

/*
 * Where another guard has taken the entries over, they are that guard's, and stay: between the two
 * guards there is no moment without an entry.
 */
static void give_up_guard_entries(struct guard *g, const struct spd_entry *in,
                                  struct spd_entry *out)
{
    if (!g->taken_over)
        spd_del(g->all->xfrm, in);
    icmp_errors_release(g);
    other_sources_release(g);
    if (!g->taken_over)
        delete_outgoing_entry(g, out);
    guard_forget_replaced(g);
}

/*
 * SPD_ALLOW deletes the entries: a guard's entries never allow unprotected packets. Before a guard
 * was first up, only the outgoing entry is written, so that clear connections of other programs to
 * the service still receive until it is known whether the service can be protected. The socket
 * whose packets are held receives nothing meanwhile (connect_wait.c), so that a forged SYN cannot
 * open it from the other side.
 */
int guard_spd(struct guard *g, enum spd_action action, uint32_t spi)
{
    struct err err = {""};
    struct spd_entry in = entry_of(g, SPD_IN, action, spi), out = entry_of(g, SPD_OUT, action, spi);
    bool only_out = is_only_out(g, action, spi);
    bool had_spi = g->spi;
    int rc = 0;
    if (action == SPD_ALLOW) {
        give_up_guard_entries(g, &in, &out);
    } else { /* the incoming entry is written before anything is let out */
        rc = icmp_errors_hold(g);
        rc = rc ? rc : other_sources_hold(g);
        rc = rc ? rc : write_replaced(g, &err);
        rc = rc || only_out ? rc : spd_set(g->all->xfrm, &in, &err);
        if (!rc && action == SPD_ESP && spi)
            open_waiters(g);
        rc = rc ? rc : spd_set(g->all->xfrm, &out, &err);
    }
    if (rc) {
        log_warning("the kernel refused a guard: %s", err.text);
        return rc;
    }
    g->spd = action;
    drop_larval(g, action, spi);
    g->spi = action == SPD_ESP ? spi : 0;
    g->spi_in = g->spi ? in.spi : 0;
    if (g->spi && !had_spi)
        other_sources_flush(g);
    if (action == SPD_ESP && !spi)
        g->held = template_reqid(g, 0);
    return 0;
}

bool guard_spd_mend(struct guard *g, const struct spd_snapshot *s)
{
    struct spd_entry in = entry_of(g, SPD_IN, g->spd, g->spi);
    struct spd_entry out = entry_of(g, SPD_OUT, g->spd, g->spi);
    bool only_out = is_only_out(g, g->spd, g->spi), mended;
    if (g->spd == SPD_ALLOW)
        return false;
    mended = mend_replaced(g, s);
    mended = (!only_out && spd_snapshot_mend(s, g->all->xfrm, &in)) || mended;
    return spd_snapshot_mend(s, g->all->xfrm, &out) || mended;
}
