/* Ends a program's connection as though its peer had reset it. */
#include "btnsd/running/reset.h"

#include "btnsd/plan/facts.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

int socket_dissolve(int fd)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    return connect(fd, &none, sizeof none) ? -errno : 0;
}

static int destroy(struct sockdiag *sockets, const struct latch *l)
{
    struct sock_entry e;
    int rc = sockdiag_find(sockets, &l->local, &l->remote, l->cookie, &e);
    if (!rc && !latch_is_owners(l, e.uid))
        rc = -EPERM;
    return rc ? rc : sockdiag_destroy(sockets, &e.local, &e.remote, l->cookie);
}

/* The owner of the file is that of the socket. */
bool latch_owns(const struct latch *l, int fd)
{
    struct stat st;
    return !fstat(fd, &st) && latch_is_owners(l, st.st_uid);
}

/* Is the socket not, or no longer, connected to the latch's peer? Then btnsd is asked before it
 * sends there. */
static bool is_elsewhere(const struct latch *l, int fd)
{
    struct btns_addr peer;
    return !facts_peer(fd, &peer) || !btns_addr_equal(&peer, &l->remote);
}

/* A datagram socket is ended for this peer alone, so the kernel is not asked to end it. */
int reset_connection(struct btnsd *d, const struct latch *l)
{
    bool datagrams = protocol_is_datagrams(l->protocol);
    int rc = !datagrams && d->sockets && l->local.port ? destroy(d->sockets, l) : -EOPNOTSUPP;
    if (rc != -EOPNOTSUPP)
        return rc;
    /* A kernel without INET_DIAG_DESTROY: aborts a copy of the program's own descriptor. */
    int fd = socket_borrow(l->pid, -1, l->cookie, l->uid, BORROW_MANY);
    if (fd < 0)
        return -ESRCH;
    if (!latch_owns(l, fd))
        rc = -EPERM;
    else
        rc = datagrams && is_elsewhere(l, fd) ? 0 : socket_dissolve(fd);
    passed_close(fd, l->uid);
    return rc;
}
