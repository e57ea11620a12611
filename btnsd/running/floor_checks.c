/*
 * Finds listeners that have stopped listening although their sockets live, and deletes their
 * floors.
 */
#include "btnsd/running/floor_checks.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/running/shared_ports.h"

#include <stdlib.h>

#define EVERY_MS 1000
#define SHARE    50 /* at most one part in fifty of the time is spent looking */

struct check {
    struct btnsd *d;
    bool more;
};

/* The kernel reports the end of a socket, but not that it stops listening. */
static void mark_listening_floor(void *arg, const struct sock_entry *e)
{
    struct registry *r = ((struct check *)arg)->d->latches;
    for (struct latch *l = registry_next(r, e->cookie, NULL); l; l = registry_next(r, e->cookie, l))
        l->heard = true;
}

static void check_listening_floor(void *arg, struct latch *l)
{
    struct check *c = arg;
    bool heard = l->heard;
    struct floor *f = l->floor;
    l->heard = false;
    if (l->state != BTNS_S_LISTENER || !f)
        return;
    c->more = true;
    if (heard || l->early_floor)
        return;
    log_rated(log_note, "floors of sockets that listen no more",
              "%s/%u: the socket of pid %d listens no more: its floor is deleted",
              protocol_name(l->protocol), l->local.port, l->pid);
    l->floor = NULL;
    floor_release(f);
}

static void on_floor_check(struct timer *t)
{
    struct check c = {.d = t->arg};
    uint64_t start = loop_now();
    int rc = sockdiag_listeners(c.d->sockets, mark_listening_floor, &c);
    if (!rc && c.d->datagrams)
        rc = sockdiag_listeners(c.d->datagrams, mark_listening_floor, &c);
    if (!rc)
        registry_each(c.d->latches, check_listening_floor, &c);
    shared_ports_look(c.d);
    if (rc || c.more)
        loop_after(c.d->loop, t, EVERY_MS + SHARE * (loop_now() - start), on_floor_check, c.d);
}

void floor_checks_expect(struct btnsd *d)
{
    if (!d->floor_checks.slot)
        loop_after(d->loop, &d->floor_checks, EVERY_MS, on_floor_check, d);
}
