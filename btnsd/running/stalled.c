/* Probes or ends connections that wait for an answer from a peer which has lost its SAs. */
#include "btnsd/running/stalled.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/registry/registry.h"
#include "btnsd/running/displace_latches.h"
#include "btnsd/running/guard_sockets.h"
#include "btnsd/running/reset_connection.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/tcp/window_probe.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

/*
 * one_sided.h has found that no packet comes by the SAs. A connection must also have sent a segment
 * again this often.
 */
#define REPEATS 2
/* To find a program's descriptor takes time, in which btnsd does nothing else. */
#define PROBES 64
/* The peer can bring new SAs as often as it likes. */
#define PROBE_PAUSE_MS 1000

bool stalled_for_good(const struct guard *g, unsigned repeats)
{
    return g->state == GS_FAILED && g->replaced && (g->mirror || repeats >= REPEATS);
}

static struct latch *stalled_latch(struct btnsd *d, const struct guard *g,
                                   const struct sock_entry *e)
{
    struct latch *l = registry_next(d->latches, e->cookie, NULL);
    while (l && (l->guard != g || !latch_is_owners(l, e->uid)))
        l = registry_next(d->latches, e->cookie, l);
    return l;
}

/* Probes by a copy of the program's descriptor. */
static void probe_stalled(const struct latch *l)
{
    int fd = socket_borrow(l->pid, -1, l->cookie, l->uid, BORROW_SOME);
    int rc = fd < 0 ? -ESRCH : reset_is_owners(l, fd) ? tcp_window_probe(fd) : -EPERM;
    if (fd >= 0)
        passed_close(fd, l->uid);
    if (rc)
        log_debug("a connection is not probed: %s", strerror(-rc));
}

bool stalled_may_probe(uint64_t probed, uint64_t now)
{
    return !probed || now - probed >= PROBE_PAUSE_MS;
}

void stalled_probe(struct btnsd *d, struct guard *g)
{
    struct guard_sockets c = {0};
    unsigned probes = 0;
    if (protocol_is_datagrams(g->service.protocol) || !d->sockets ||
        !stalled_may_probe(g->probed, loop_now()))
        return;
    g->probed = loop_now();
    guard_sockets_list(d, g, &c);
    for (size_t i = 0; i < c.n && probes < PROBES; i++) {
        const struct latch *l = c.entry[i].repeats && c.entry[i].state == TCP_ESTABLISHED
                                    ? stalled_latch(d, g, &c.entry[i])
                                    : NULL;
        if (l)
            probe_stalled(l);
        probes += l != NULL;
    }
    free(c.entry);
}

static void end_stalled_connection(struct btnsd *d, struct guard *g, const struct sock_entry *e)
{
    struct latch *l = stalled_latch(d, g, e), *other = registry_next(d->latches, e->cookie, NULL);
    if (other && other->code == BTNS_R_BYPASSED)
        return; /* its packets never met the guard */
    if (l) {
        l->local = e->local;
        latch_end(d, l, g->code, g->reason);
        return;
    }
    int rc = sockdiag_destroy(d->sockets, &e->local, &e->remote, e->cookie);
    if (rc)
        log_debug("a connection without a latch is not ended: %s", strerror(-rc));
}

void stalled_end(struct btnsd *d, struct guard *g)
{
    struct guard_sockets c = {0};
    if (!d->sockets || !stalled_for_good(g, REPEATS))
        return;
    guard_sockets_list(d, g, &c);
    for (size_t i = 0; i < c.n; i++)
        if (stalled_for_good(g, c.entry[i].repeats))
            end_stalled_connection(d, g, &c.entry[i]);
    free(c.entry);
}
