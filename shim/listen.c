/*
 * listen(): asks btnsd first, so that a listener's floor is installed before its first connection.
 */
#include "shim/calls.h"
#include "shim/known.h"
#include "shim/listeners.h"
#include "shim/mark.h"
#include "shim/permit.h"
#include "shim/raw.h"
#include "shim/sock.h"

#include <errno.h>
#include <netinet/in.h>

static int bind_to_listen_port(int fd)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof ss;
    long rc = RAW(getsockname, fd, &ss, &len);
    return rc < 0 ? (int)rc : (int)RAW(bind, fd, &ss, len);
}

/*
 * listen() gives an unbound socket a port, and the verdict must be about that port. So the socket
 * is bound first, without IP_BIND_ADDRESS_NO_PORT, with which bind() would choose no port.
 */
static int give_listen_port(int fd)
{
    int late = 0, off = 0;
    socklen_t len = sizeof late;
    if (RAW(getsockopt, fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, &len) < 0 || !late)
        return bind_to_listen_port(fd);
    RAW(setsockopt, fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &off, sizeof off);
    int rc = bind_to_listen_port(fd);
    RAW(setsockopt, fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
    return rc;
}

static enum permit may_listen(int fd, int *error)
{
    struct btns_addr local;
    int protocol = sock_protocol(fd);
    if (!protocol ||
        !sock_idle(
            fd)) /* or the socket is listening already, and the call only changes its backlog */
        return PERMIT_GO;
    if (sock_local(fd, &local) && !local.port && give_listen_port(fd) == 0)
        sock_local(fd, &local);
    enum permit p = permit_listen(fd, &local, protocol, error);
    if (p == PERMIT_GO)
        listener_known(sock_cookie(fd), protocol, &local);
    return p;
}

/*
 * The listener is remembered all the same, so that its accepted connections carry the mark past the
 * filter.
 */
static int listen_supervised(int fd, int backlog)
{
    struct btns_addr local;
    uint64_t cookie = sock_cookie(fd);
    int protocol = sock_protocol(fd), rc = REAL(listen, fd, backlog);
    if (!rc && sock_local(fd, &local) && sock_cookie(fd) == cookie)
        listener_known(cookie, protocol, &local);
    return rc;
}

int shim_listen(int fd, int backlog)
{
    int error, saved = errno;
    known_bound(fd);
    enum permit p = may_listen(fd, &error);
    errno = p == PERMIT_REFUSE ? error : saved;
    if (p == PERMIT_REFUSE)
        return -1;
    return p == PERMIT_OTHER ? listen_supervised(fd, backlog) : PASS(listen, fd, backlog);
}
