/* listen(): asks first, so that a listener's floor is there before its first connection. */
#include "calls.h"
#include "permit.h"
#include "raw.h"
#include "sock.h"

/* listen() gives a socket without a port one; the verdict has to be about that port. */
static int give_port(int fd)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof ss;
    long rc = RAW(getsockname, fd, &ss, &len);
    return rc < 0 ? (int)rc : (int)RAW(bind, fd, &ss, len);
}

int shim_listen(int fd, int backlog)
{
    struct btns_addr local;
    int error, saved = errno, protocol = sock_protocol(fd);
    if (!protocol || !sock_idle(fd)) /* also: it is listening already, the backlog is changed */
        return REAL(listen, fd, backlog);
    if (sock_local(fd, &local) && !local.port && give_port(fd) == 0)
        sock_local(fd, &local);
    if (permit_listen(fd, &local, protocol, &error) != PERMIT_GO) {
        errno = error;
        return -1;
    }
    errno = saved;
    return REAL(listen, fd, backlog);
}
