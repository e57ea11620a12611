#include "btnsd/running/displace.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/latch/registry/events.h"
#include "btnsd/running/reset.h"

#include <string.h>

/* Its program has closed the connection, which the kernel finishes by itself. */
static bool is_left(struct btnsd *d, const struct latch *l)
{
    struct sock_entry e;
    return d->sockets && l->local.port &&
           !sockdiag_find(d->sockets, &l->local, &l->remote, l->cookie, &e) && !e.inode;
}

static void close_latch(struct btnsd *d, struct latch *l, const char *suite)
{
    char why[128];
    snprintf(why, sizeof why, "another program asks for suite %s", suite);
    int rc = is_left(d, l) ? 0 : reset_connection(d, l);
    if (rc)
        log_rated(log_warning, "connections that could not be ended",
                  "a latched connection of user %u could not be ended: %s", l->uid, strerror(-rc));
    l->state = BTNS_S_CLOSED;
    l->code = BTNS_R_RULE;
    intern_set(&l->reason, why);
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

bool latches_displace(struct btnsd *d, struct guard *g, uid_t by, const char *suite)
{
    for (const struct latch *l = g->holders; l; l = l->of_guard)
        if ((by || !l->uid) && !is_left(d, l))
            return false;
    while (g->holders)
        close_latch(d, g->holders, suite);
    return true;
}
