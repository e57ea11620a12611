/* listen(): asks first, so that a listener's floor is there before its first connection. */
#include "shim/calls.h"
#include "shim/permit.h"
#include "shim/raw.h"
#include "shim/sock.h"

/* listen() gives a socket without a port one; the verdict has to be about that port. */
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
    if (!protocol || !sock_idle(fd)) /* also: it is listening already, the backlog is changed */
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
