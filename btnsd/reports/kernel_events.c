/* Passes reports of the kernel (SPD, SAD, sockets, addresses) to guards, floors and latches. */
#include "btnsd/reports/kernel_events.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/reports/sa_events.h"
#include "btnsd/reports/spd_events.h"
#include "btnsd/running/inner_host.h"
#include "btnsd/running/living_ao_keys.h"
#include "btnsd/running/lost_sockets.h"
#include "btnsd/running/new_addresses.h"
#include "btnsd/running/real_source.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/running/translation.h"
#include "btnsd/server/server.h"
#include "btnsd/users/socket_wishes.h"
#include "btnsd/xfrm/addresses.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

/* Reports were lost: reads the SPD and SAD again and corrects all differences. */
static void resync_kernel(struct btnsd *d)
{
    struct spd_snapshot s;
    int rc = spd_snapshot_take(&s, d->xfrm);
    if (rc) { /* the SPD cannot be read: write all entries again */
        log_warning("the SPD cannot be read: %s", strerror(-rc));
        guards_spd_restore(&d->guards);
        floors_restore(&d->floors);
    } else {
        unsigned mended = guards_spd_compare(&d->guards, &s) + floors_compare(&d->floors, &s);
        log_warning("the kernel told of more changes of the SPD and SAD than could be read: all is "
                    "compared, %u of btnsd's entries were put back",
                    mended);
    }
    spd_snapshot_free(&s);
    own_ipv6_spare(d->xfrm);
    inner_host_restore(d);
    translation_restore(d);
    shut_sockets_restore(d);
    guards_spd_read(&d->guards);
    event_emit(&d->events,
               &(struct event){.kind = BTNS_E_RESYNC, .text = "reports about the SPD and the SAD"});
}

static void on_xfrm_event(void *arg, const struct xfrm_event *ev)
{
    struct btnsd *d = arg;
    if (ev->type == XFRM_EV_ACQUIRE)
        real_source_acquired(d, &ev->spd);
    sa_events_xfrm_event(&d->guards, ev);
    if (ev->type == XFRM_EV_LOST)
        resync_kernel(d);
    if (ev->type == XFRM_EV_SPD_CHANGE && guards_spd_changed(&d->guards, ev)) {
        mandatory_restore(d->xfrm, &d->mandatory);
        floors_restore(&d->floors);
        own_ipv6_spare(d->xfrm);
        inner_host_restore(d);
        translation_restore(d);
        shut_sockets_restore(d);
    }
}

static void on_xfrm_ready(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    (void)events;
    xfrm_events(d->xfrm, on_xfrm_event, d);
}

static void on_kernel_socket_gone(void *arg, const struct sock_entry *e)
{
    struct btnsd *d = arg;
    if (e->cookie) {
        registry_socket_at(d->latches, e->cookie, &e->local);
        registry_socket_gone(d->latches, e->cookie);
        socket_wish_drop(d->wishes, e->cookie);
        living_keys_gone(d, e->cookie);
        plain_connection_gone(&d->acceptors.plain, e->cookie);
    }
    guards_socket_gone(&d->guards, e);
    floors_sweep(&d->floors, e);
}

static void on_sockets_ready(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    (void)events;
    server_look(d->server); /* reads what was sent about these sockets before they ended */
    int rc = sockdiag_events(d->sockets, on_kernel_socket_gone, d);
    if (sockdiag_events(d->datagrams, on_kernel_socket_gone, d) == -ENOBUFS || rc == -ENOBUFS)
        lost_sockets_compare(d);
}

static void on_addresses_ready(struct watch *w, uint32_t events)
{
    (void)events;
    new_addresses_follow(w->arg);
}

int kernel_events_watch(struct btnsd *d)
{
    static struct watch xfrm, sockets, datagrams, addresses;
    struct loop *l = d->loop;
    int rc = loop_watch(l, &xfrm, xfrm_event_fd(d->xfrm), EPOLLIN, on_xfrm_ready, d);
    if (!rc)
        rc = loop_watch(l, &sockets, sockdiag_event_fd(d->sockets), EPOLLIN, on_sockets_ready, d);
    if (!rc)
        rc = loop_watch(l, &datagrams, sockdiag_event_fd(d->datagrams), EPOLLIN, on_sockets_ready,
                        d);
    if (!rc)
        rc = loop_watch(l, &addresses, addresses_event_fd(d->addresses), EPOLLIN,
                        on_addresses_ready, d);
    return rc;
}
