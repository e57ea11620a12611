/* The warm path of connect(): uses a cached verdict and sends btnsd one message without waiting. */
#include "shim/warm.h"

#include "libapi/wire/service.h"
#include "shim/epoch.h"
#include "shim/flow.h"
#include "shim/ring.h"
#include "shim/route.h"
#include "shim/sock.h"

/*
 * A cached verdict assumes the local address that the kernel chooses; a bound socket has its own.
 * The check also excludes sockets that are connected or connecting, which are bound.
 */
static bool is_ordinary(int fd)
{
    return sock_unbound(fd) && !route_is_special();
}

static bool announce(int fd, const struct btns_addr *remote, int protocol, link_name link)
{
    struct btns_flow flow;
    flow_init(&flow, BTNS_MSG_CONNECTING, protocol, sock_cookie(fd));
    flow.remote = *remote;
    return ring_put(link, &flow) || link_send(link, &flow);
}

/* The order matters (PROTOCOL.md): send the message first, then compare the epoch. */
bool warm_connect(int fd, const struct btns_addr *remote)
{
    struct verdict v;
    int protocol = sock_protocol_number(fd);
    struct cache_entry key = verdict_key_remote(protocol, remote);
    if (!protocol_known(protocol) || !verdict_find(&key, &v) || !epoch_holds(v.link, v.epoch) ||
        sock_netns(fd) != v.netns || !is_ordinary(fd))
        return false;
    bool told =
        v.kind == BTNS_V_CLEAR ? link_alive(v.link) : announce(fd, remote, protocol, v.link);
    return told && epoch_holds(v.link, v.epoch);
}
