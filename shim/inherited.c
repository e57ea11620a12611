/*
 * Asks btnsd about the sockets that btns-run passed to the program (BTNS_SOCKETS). Listeners, and
 * datagram sockets with a port, are asked about before the program runs, so that their floor is
 * installed; a connection that was made earlier is reset if the rule does not allow it. A program
 * may be a wrapper that passes the sockets on to another program with other rules: that one asks
 * again, by the socket's cookie.
 */
#include "libapi/wire/protocol.h"
#include "shim/flow.h"
#include "shim/link.h"
#include "shim/listeners.h"
#include "shim/permit.h"
#include "shim/raw.h"
#include "shim/receiving.h"
#include "shim/settings.h"
#include "shim/sock.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Closing with shutdown() would not do: the program could still read what the peer has sent. */
static void reset_inherited(int fd)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    if (RAW(connect, fd, &none, sizeof none) < 0)
        RAW(shutdown, fd, SHUT_RDWR);
}

static void tell_btnsd_of_inherited(int fd, int protocol, const struct btns_addr *local,
                                    const struct btns_addr *remote)
{
    struct btns_flow flow;
    flow_init(&flow, BTNS_MSG_ACCEPTED, protocol, sock_cookie(fd));
    flow.local = *local;
    flow.remote = *remote;
    link_send(link_get(true), &flow);
}

/*
 * Datagrams that arrived before the floor was installed are kept only where the rules allow anybody
 * to send them.
 */
static void drop_inherited_datagrams(int fd, uint64_t cookie, const struct btns_addr *local)
{
    int error;
    bool may = permit_listen(fd, local, IPPROTO_UDP, &error) == PERMIT_GO;
    if (!may)
        receiving_block(fd);
    if (!may || !listener_is_clear(cookie))
        receiving_drain(fd);
}

static void check_inherited_datagrams(int fd, uint64_t cookie)
{
    struct btns_addr local, remote;
    int error = 0;
    if (sock_remote(fd, &remote)) {
        enum permit p = permit_connect(fd, &remote, PERMIT_NOW, &error);
        if (p == PERMIT_GO || (p == PERMIT_OTHER && !error))
            return;
        receiving_block(fd);
        receiving_drain(fd);
        reset_inherited(fd);
    } else if (sock_local(fd, &local) && local.port) {
        drop_inherited_datagrams(fd, cookie, &local);
    }
}

static void check_inherited(int fd, uint64_t cookie)
{
    struct btns_addr local, remote;
    int error, protocol = sock_protocol_number(fd);
    if (!protocol || sock_cookie(fd) != cookie)
        return;
    if (protocol_is_datagrams(protocol))
        check_inherited_datagrams(fd, cookie);
    else if (sock_listening(fd))
        listener_admit(fd, cookie, protocol);
    else if (!sock_local(fd, &local) || !sock_remote(fd, &remote))
        return;
    else if (permit_accepted(fd, &local, &remote, protocol, &error) == PERMIT_GO)
        tell_btnsd_of_inherited(fd, protocol, &local, &remote);
    else
        reset_inherited(fd);
}

__attribute__((constructor)) static void look_at_inherited(void)
{
    int saved = errno;
    const char *at = settings()->sockets;
    while (*at) {
        char *end;
        long fd = strtol(at, &end, 10);
        if (*end != ':')
            break;
        uint64_t cookie = strtoull(end + 1, &end, 16);
        check_inherited((int)fd, cookie);
        at = end + (*end == ',');
    }
    errno = saved;
}
