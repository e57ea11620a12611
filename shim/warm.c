/* The warm path of connect(): uses a cached verdict and sends btnsd one message without waiting. */
#include "shim/warm.h"

#include "libapi/wire/protocol.h"
#include "shim/epoch.h"
#include "shim/flow.h"
#include "shim/known.h"
#include "shim/ring.h"
#include "shim/setsockopt.h"
#include "shim/sock.h"

/*
 * May a cached verdict be used for this socket? It assumes the local address that the kernel
 * chooses, so a bound socket is excluded; so are connected and connecting sockets, which are bound.
 * For a fresh socket all this is known (known.h), and the link, and so the verdict, is in the
 * network namespace in which this process makes its sockets. A socket with a filter may have its
 * own policy (libbtns), which a verdict for other sockets does not consider.
 */
static bool may_warm_socket(int fd, uint64_t netns)
{
    return sock_netns(fd) == netns && sock_unbound(fd) && !sock_filtered(fd);
}

static bool announce_warm_connect(int fd, const struct btns_addr *remote, int protocol,
                                  link_name link)
{
    struct btns_flow flow;
    uint64_t cookie = sock_cookie(fd);
    flow_init(&flow, BTNS_MSG_CONNECTING, protocol, cookie);
    flow.remote = *remote;
    return cookie && (ring_put(link, &flow) || link_send(link, &flow));
}

/* The order matters (PROTOCOL.md): send the message first, then compare the epoch. */
bool warm_connect(int fd, const struct btns_addr *remote)
{
    struct verdict v;
    int fresh = known_take_fresh(fd);
    int protocol = fresh ? fresh : sock_protocol_number(fd);
    struct cache_key key = verdict_key_remote(protocol, remote);
    if (!protocol_known(protocol) || !verdict_find(&key, &v) || !epoch_holds(v.link, v.epoch) ||
        setsockopt_has_special_route() || (!fresh && !may_warm_socket(fd, v.netns)))
        return false;
    bool told = v.kind == BTNS_V_CLEAR ? epoch_alive()
                                       : announce_warm_connect(fd, remote, protocol, v.link);
    return told && epoch_holds(v.link, v.epoch);
}

/* No system call is needed: the verdict is for this socket alone, so btnsd need not be told. */
bool warm_send(uint32_t socket, const struct btns_addr *remote)
{
    struct cache_key key;
    struct verdict v;
    return socket && verdict_key_datagram(&key, socket, remote) && verdict_find(&key, &v) &&
           epoch_holds(v.link, v.epoch) && !setsockopt_has_special_route() && epoch_alive();
}
