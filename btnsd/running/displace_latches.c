/* Ends other users' latches when root's program asks for a stronger suite than they have. */
#include "btnsd/running/displace_latches.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/running/reset_connection.h"

#include <string.h>

/* The program has closed the connection, and the kernel alone finishes it. */
static bool is_latch_left(struct btnsd *d, const struct latch *l)
{
    struct sock_entry e;
    return d->sockets && l->local.port &&
           !sockdiag_find(d->sockets, &l->local, &l->remote, l->cookie, &e) && !e.inode;
}

void latch_end(struct btnsd *d, struct latch *l, enum btns_reason code, const char *why)
{
    bool datagrams = protocol_is_datagrams(l->protocol); /* the next datagram asks btnsd again */
    int rc = datagrams || is_latch_left(d, l) ? 0 : reset_connection(d, l);
    if (rc)
        log_rated(log_warning, "connections that could not be ended",
                  "a latched connection of user %u could not be ended: %s", l->uid, strerror(-rc));
    l->state = BTNS_S_CLOSED;
    l->code = (uint8_t)code;
    intern_set(&l->reason, why);
    latch_set_guard(l, NULL);
    latch_report(&d->events, l);
}

bool latches_displace(struct btnsd *d, struct guard *g, uid_t by, const char *suite)
{
    char why[128];
    snprintf(why, sizeof why, "another program asks for suite %s", suite);
    for (const struct latch *l = g->holders; l; l = l->of_guard)
        if ((by || !l->uid) && !is_latch_left(d, l))
            return false;
    while (g->holders)
        latch_end(d, g->holders, BTNS_R_RULE, why);
    return true;
}
