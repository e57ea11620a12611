#include "btnsd/running/shut_sockets.h"

#include "btnsd/base/log.h"
#include "btnsd/users/socket_wishes.h"

int shut_sockets_begin(struct btnsd *d, struct err *err)
{
    if (d->shut_entries)
        return 0;
    int rc = spd_block_mark(d->xfrm, PRIO_SHUT, SHUT_MARK, err);
    d->shut_entries = !rc;
    return rc;
}

void shut_sockets_restore(struct btnsd *d)
{
    struct err err;
    if (!d->shut_entries)
        return;
    d->shut_entries = false;
    if (shut_sockets_begin(d, &err))
        log_warning("sockets with a policy of their own are no longer shut for IPv4: %s", err.text);
}

/* A wish whose socket has no latch: btnsd was not asked about a connect() or listen() of it. */
static void look_for_shut(void *arg, struct socket_wish *w)
{
    struct btnsd *d = arg;
    if (!registry_next(d->latches, w->cookie, NULL))
        d->shut_entries = true;
}

void shut_sockets_end(struct btnsd *d)
{
    d->shut_entries = false;
    socket_wishes_each(d->wishes, look_for_shut, d);
    if (!d->shut_entries)
        spd_unblock_mark(d->xfrm, PRIO_SHUT, SHUT_MARK);
}
