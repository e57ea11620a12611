/*
 * bind(): from now on the socket is not fresh any more (known.h). A bound datagram socket receives
 * at its port, so btnsd is asked about a port that the program chose, as for listen().
 */
#include "shim/calls.h"
#include "shim/known.h"
#include "shim/mark.h"
#include "shim/permit.h"
#include "shim/receiving.h"
#include "shim/sock.h"
#include "shim/target.h"

#include <errno.h>
#include <netinet/in.h>

static enum permit bind_may_hear(int fd, int *error)
{
    struct btns_addr local;
    if (!sock_local(fd, &local) || !local.port)
        return PERMIT_GO;
    return permit_listen(fd, &local, IPPROTO_UDP, error);
}

static bool bind_has_early_datagrams(int fd)
{
    uint64_t mark = known_mark(fd);
    if (known_datagrams(fd))
        return true;
    if (known_is_other(fd) || sock_protocol(fd) != IPPROTO_UDP)
        return false;
    known_has_datagrams(fd, mark);
    return true;
}

static int refuse_bind(int error)
{
    errno = error;
    return -1;
}

/*
 * btnsd's floor is for a port, which the socket has only after bind(). A filter drops what arrives
 * until the floor is installed. btnsd is asked after the real call, because a failed bind() needs
 * no floor.
 */
static int bind_datagrams(int fd, const struct target *t)
{
    int error = 0, saved = errno;
    bool filtered = sock_filtered(fd), closed = !filtered && receiving_block(fd);
    int rc = PASS(bind, fd, t->addr, t->len);
    if (rc) {
        error = errno;
    } else if (bind_may_hear(fd, &error) != PERMIT_GO) {
        if (!closed)
            receiving_block(fd);
        return refuse_bind(error);
    } else if (!closed) {
        receiving_drain(fd);
    }
    if (closed)
        receiving_unblock(fd);
    errno = rc ? error : saved;
    return rc;
}

int shim_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct target t;
    known_bound(fd);
    target_read(&t, fd, addr, len);
    target_unspecified(&t, fd);
    bool chosen = (t.family == AF_INET || t.family == AF_INET6) && t.remote.port;
    if (!chosen || !bind_has_early_datagrams(fd) || permit_is_supervisors())
        return REAL(bind, fd, t.addr, t.len);
    return bind_datagrams(fd, &t);
}

/* libc calls bind() internally, with a port that it chooses. */
int shim_bindresvport(int fd, struct sockaddr_in *addr)
{
    int error = 0;
    known_bound(fd);
    bool datagrams = bind_has_early_datagrams(fd),
         closed = datagrams && !sock_filtered(fd) && receiving_block(fd);
    int rc = REAL(bindresvport, fd, addr), saved = errno;
    /* A supervisor has seen libc's bind(), and asked. */
    if (rc == 0 && datagrams && bind_may_hear(fd, &error) == PERMIT_REFUSE) {
        if (!closed)
            receiving_block(fd);
        return refuse_bind(error);
    }
    if (closed)
        receiving_unblock(fd);
    errno = saved;
    return rc;
}
