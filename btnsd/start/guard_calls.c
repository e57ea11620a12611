/*
 * The functions that guards call in the rest of btnsd: when a guard changes, or needs to know
 * something.
 */
#include "btnsd/start/guard_calls.h"
#include "btnsd/latch/admission/callers.h"
#include "btnsd/latch/keying/icmp_child.h"
#include "btnsd/latch/keying/other_key.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/latch/responder/callers_find.h"
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/requests/connect_wait.h"
#include "btnsd/running/displace_latches.h"
#include "btnsd/running/plain_host_file.h"
#include "btnsd/running/stalled.h"
#include "btnsd/running/syn_sent.h"
#include "btnsd/server/epoch.h"

static bool on_guards_settle(void *arg, uint64_t *mark)
{
    struct btnsd *d = arg;
    if (!*mark) {
        epoch_move(d->epoch);
        *mark = server_mark(d->server);
    }
    if (!server_read_until(d->server, *mark))
        return false;
    *mark = 0;
    return true;
}

static void on_guard_changed(void *arg, struct guard *g)
{
    struct btnsd *d = arg;
    guard_report(g);
    icmp_child_follow(g);
    /* The peer has ended the SA, so it has the answers to its datagrams. */
    if (g->mirror && g->state == GS_WAITING)
        registry_flows_end(d->latches, g);
    if (g->state == GS_UP)
        plain_hosts_forget(arg, &g->remote);
    if (g->state == GS_FAILED) {
        syn_sent_end(arg, g, connect_tell_end);
        stalled_end(arg, g);
    }
}

static void on_guard_deserted(void *arg, struct guard *g)
{
    other_key_ask(g);
    stalled_end(arg, g);
}

static void on_guard_restored_sas(void *arg, struct guard *g)
{
    stalled_probe(arg, g);
}

static void on_guard_freed(void *arg, struct guard *g)
{
    guard_report_end(g);
    registry_guard_freed(((struct btnsd *)arg)->latches, g);
}

void on_floor_gone(void *arg)
{
    serve_review_later(&((struct btnsd *)arg)->guards);
}

static bool on_guard_wanted(void *arg, const struct guard *g)
{
    (void)arg;
    return callers_want(g);
}

#define CALLERS_MS 1000

static void on_guard_gone(void *arg)
{
    callers_find_later(&((struct btnsd *)arg)->guards, CALLERS_MS);
}

static void on_host_silent(void *arg, const struct btns_addr *remote, const char *why)
{
    recent_failure_silent(&((struct btnsd *)arg)->recent_failures, remote, why);
}

static void on_host_absent(void *arg, const struct btns_addr *remote)
{
    plain_hosts_note(arg, remote, PLAIN_WITHOUT);
}

static void on_host_slow(void *arg, const struct btns_addr *remote)
{
    plain_hosts_note(arg, remote, PLAIN_SLOW);
}

static bool on_guard_displaces(void *arg, struct guard *g, uid_t by, const char *suite)
{
    return latches_displace(arg, g, by, suite);
}

const struct guards_ops guard_calls = {
    .settle = on_guards_settle,
    .changed = on_guard_changed,
    .freed = on_guard_freed,
    .wanted = on_guard_wanted,
    .gone = on_guard_gone,
    .displace = on_guard_displaces,
    .silent = on_host_silent,
    .absent = on_host_absent,
    .slow = on_host_slow,
    .restored = on_guard_restored_sas,
    .deserted = on_guard_deserted,
};
