/*
 * listen(): asks btnsd first, so that the listener's floor is in place before its first connection.
 */
#include "shim/calls.h"
#include "shim/permit.h"
#include "shim/raw.h"
#include "shim/sock.h"

/*
 * Binds a socket without a port to one, as listen() would: btnsd's verdict must be about that port.
 */
static int give_port(int fd)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof ss;
    long rc = RAW(getsockname, fd, &ss, &len);
    return rc < 0 ? (int)rc : (int)RAW(bind, fd, &ss, len);
}

static bool may_listen(int fd, int *error)
{
    struct btns_addr local;
    int protocol = sock_protocol(fd);
    if (!protocol ||
        !sock_idle(
            fd)) /* also a socket that is listening already: this call only changes its backlog */
        return true;
    if (sock_local(fd, &local) && !local.port && give_port(fd) == 0)
        sock_local(fd, &local);
    return permit_listen(fd, &local, protocol, error) == PERMIT_GO;
}

int shim_listen(int fd, int backlog)
{
    int error, saved = errno;
    if (!may_listen(fd, &error)) {
        errno = error;
        return -1;
    }
    errno = saved;
    return REAL(listen, fd, backlog);
}
