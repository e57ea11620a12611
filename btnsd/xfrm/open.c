/* Opens and closes the two sockets of a struct xfrm. */
#include "btnsd/xfrm/open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int event_groups[] = {XFRMNLGRP_SA, XFRMNLGRP_EXPIRE, XFRMNLGRP_POLICY,
                                   XFRMNLGRP_MAPPING, XFRMNLGRP_ACQUIRE};

struct xfrm *xfrm_open(struct err *err)
{
    struct xfrm *x = calloc(1, sizeof *x);
    if (!x) {
        err_set(err, "out of memory");
        return NULL;
    }
    int error = nl_open(&x->requests, NETLINK_XFRM, 0);
    if (!error)
        error = nl_open(&x->events, NETLINK_XFRM, SOCK_NONBLOCK);
    if (!error)
        error = nl_join(&x->events, event_groups, sizeof event_groups / sizeof event_groups[0]);
    if (error) {
        err_set(err, "cannot open NETLINK_XFRM (is the kernel built with XFRM_USER?): %s",
                strerror(-error));
        xfrm_close(x);
        return NULL;
    }
    return x;
}

void xfrm_close(struct xfrm *x)
{
    if (!x)
        return;
    nl_close(&x->requests);
    nl_close(&x->events);
    free(x);
}

int xfrm_event_fd(const struct xfrm *x)
{
    return mnl_socket_get_fd(x->events.sock);
}
