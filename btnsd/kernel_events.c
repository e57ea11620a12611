/* What the kernel reports, and whom it concerns. */
#include "kernel_events.h"

#include "epoch.h"
#include "sockets.h"
#include "xfrm/addresses.h"

#include <errno.h>
#include <sys/epoll.h>

static void on_xfrm_event(void *arg, const struct xfrm_event *ev)
{
    struct btnsd *d = arg;
    guards_xfrm_event(&d->guards, ev);
    if (ev->type == XFRM_EV_SPD_CHANGE && guards_spd_changed(&d->guards, ev)) {
        floors_restore(&d->floors);
        floor_spare_own6(d->xfrm);
    }
}

static void xfrm_ready(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    (void)events;
    xfrm_events(d->xfrm, on_xfrm_event, d);
}

static void on_socket_gone(void *arg, const struct sock_entry *e)
{
    struct btnsd *d = arg;
    if (e->cookie)
        registry_socket_gone(d->latches, e->cookie);
    guards_socket_gone(&d->guards, e);
    floors_sweep(&d->floors, d->sockets, &e->local);
}

static void sockets_ready(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    (void)events;
    if (sockdiag_events(d->sockets, on_socket_gone, d) == -ENOBUFS)
        sockets_lost(d);
}

/* Cached verdicts name no local address, but guards do. */
static void addresses_ready(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    unsigned changes = addresses_events(d->addresses);
    (void)events;
    if (changes)
        epoch_move(d->epoch);
    if (changes & ADDRESSES_CHANGED)
        floor_spare_own6(d->xfrm);
}

int kernel_events_watch(struct btnsd *d)
{
    static struct watch xfrm, sockets, addresses;
    struct loop *l = d->loop;
    int rc = loop_watch(l, &xfrm, xfrm_event_fd(d->xfrm), EPOLLIN, xfrm_ready, d);
    if (!rc)
        rc = loop_watch(l, &sockets, sockdiag_event_fd(d->sockets), EPOLLIN, sockets_ready, d);
    if (!rc)
        rc = loop_watch(l, &addresses, addresses_event_fd(d->addresses), EPOLLIN, addresses_ready,
                        d);
    return rc;
}
