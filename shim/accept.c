/* accept() and accept4(): tell btnsd which connections came in. */
#include "shim/calls.h"
#include "shim/epoch.h"
#include "shim/flow.h"
#include "shim/sock.h"
#include "shim/verdicts.h"

#include <errno.h>

/*
 * A listener without a cached "clear" verdict may have been inherited over an exec: btnsd is told
 * then.
 */
static bool is_clear(int listener)
{
    struct verdict v;
    struct cache_entry key = verdict_key_listener(sock_cookie(listener));
    return verdict_find(&key, &v) && v.kind == BTNS_V_CLEAR && epoch_holds(v.link, v.epoch);
}

/*
 * Reports the connection to btnsd without waiting. The connection is accepted even if the report
 * fails: the kernel already enforces the listener's floor on it.
 */
static void tell_accepted(int fd, int protocol)
{
    struct btns_flow flow;
    flow_init(&flow, BTNS_MSG_ACCEPTED, protocol, sock_cookie(fd));
    if (!sock_local(fd, &flow.local) || !sock_remote(fd, &flow.remote))
        return; /* the connection was reset */
    if (!link_send(link_last(), &flow))
        link_send(link_get(true), &flow);
}

static int accepted(int listener, int fd)
{
    if (fd < 0)
        return fd;
    int saved = errno, protocol = sock_protocol_number(fd);
    if (protocol && !is_clear(listener))
        tell_accepted(fd, protocol);
    errno = saved;
    return fd;
}

int shim_accept(int fd, struct sockaddr *addr, socklen_t *len)
{
    return accepted(fd, REAL(accept, fd, addr, len));
}

int shim_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    return accepted(fd, REAL(accept4, fd, addr, len, flags));
}
