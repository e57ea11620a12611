/* Blocks sockets with a policy of their own (libbtns) until btnsd is asked about them. */
#include "btnsd/running/shut_sockets.h"

#include "btnsd/base/log.h"
#include "btnsd/users/socket_wishes.h"
#include "libapi/wire/service.h"

int shut_sockets_begin(struct btnsd *d, struct err *err)
{
    if (d->shut_entries)
        return 0;
    int rc = spd_block_mark(d->xfrm, PRIO_SHUT, BTNS_SHUT_MARK, err);
    rc = rc ? rc : spd_block_mark(d->xfrm, PRIO_UNGUARDED, BTNS_UNGUARDED_MARK, err);
    d->shut_entries = !rc;
    return rc;
}

int shut_socket_answered(int fd, int protocol, bool clear)
{
    return protocol_is_datagrams((uint8_t)protocol) ? socket_policy_limit(fd, clear)
                                                    : socket_policy_open(fd);
}

void shut_sockets_restore(struct btnsd *d)
{
    struct err err;
    if (!d->shut_entries)
        return;
    d->shut_entries = false;
    if (shut_sockets_begin(d, &err))
        log_warning("sockets with a policy of their own are no longer shut: %s", err.text);
}

/*
 * Finds a socket that is still shut: it has a policy but no latch, so btnsd was not asked about its
 * connect() or listen(). A datagram socket is limited even after that.
 */
static void look_for_shut(void *arg, struct socket_wish *w)
{
    struct btnsd *d = arg;
    if (w->datagrams || !registry_next(d->latches, w->cookie, NULL))
        d->shut_entries = true;
}

void shut_sockets_end(struct btnsd *d)
{
    d->shut_entries = false;
    socket_wishes_each(d->wishes, look_for_shut, d);
    if (d->shut_entries)
        return;
    spd_unblock_mark(d->xfrm, PRIO_SHUT, BTNS_SHUT_MARK);
    spd_unblock_mark(d->xfrm, PRIO_UNGUARDED, BTNS_UNGUARDED_MARK);
}
