/* Ends a program's connection as if its peer had reset it. */
#include "btnsd/running/reset.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/plan/facts.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/xfrm/local_error.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

int socket_dissolve(int fd)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    return connect(fd, &none, sizeof none) ? -errno : 0;
}

/*
 * On a busy kernel the error arrives a moment after it was sent, and the socket must be connected
 * to the peer until then. If the program reads the error first, this waits in vain.
 */
static void wait_for_error(int fd)
{
    enum { MOMENT = 2 }; /* milliseconds */
    struct pollfd p = {.fd = fd};
    poll(&p, 1, MOMENT);
}

static void send_error(int fd, const struct btns_addr *peer)
{
    struct sockaddr_storage ss;
    struct btns_addr local;
    socklen_t len = sizeof ss;
    if (getsockname(fd, (struct sockaddr *)&ss, &len) ||
        !btns_addr_from_sa(&local, (const struct sockaddr *)&ss, len))
        return;
    int rc = local_error_send(&local, peer);
    if (!rc)
        wait_for_error(fd);
    else
        log_rated(log_warning, "datagram sockets whose waiting calls were not told",
                  "a datagram socket lost its peer, and a call that waits on it could not be told: "
                  "%s",
                  strerror(-rc));
}

int socket_end_association(int fd, const struct btns_addr *peer)
{
    send_error(fd, peer);
    return socket_dissolve(fd);
}

static int destroy(struct sockdiag *sockets, const struct latch *l)
{
    struct sock_entry e;
    int rc = sockdiag_find(sockets, &l->local, &l->remote, l->cookie, &e);
    if (!rc && !latch_is_owners(l, e.uid))
        rc = -EPERM;
    return rc ? rc : sockdiag_destroy(sockets, &e.local, &e.remote, l->cookie);
}

/* The owner of the socket's file is the owner of the socket. */
bool latch_owns(const struct latch *l, int fd)
{
    struct stat st;
    return !fstat(fd, &st) && latch_is_owners(l, st.st_uid);
}

/*
 * Is the socket not, or no longer, connected to the latch's peer? Then its program must ask btnsd
 * before it sends there.
 */
static bool is_elsewhere(const struct latch *l, int fd)
{
    struct btns_addr peer;
    return !facts_peer(fd, &peer) || !btns_addr_equal(&peer, &l->remote);
}

/* A datagram socket is ended for this peer alone, so the kernel is not asked to destroy it. */
int reset_connection(struct btnsd *d, const struct latch *l)
{
    bool datagrams = protocol_is_datagrams(l->protocol);
    int rc = !datagrams && d->sockets && l->local.port ? destroy(d->sockets, l) : -EOPNOTSUPP;
    if (rc != -EOPNOTSUPP)
        return rc;
    /*
     * On a kernel without INET_DIAG_DESTROY: aborts the connection by a copy of the program's
     * descriptor.
     */
    int fd = socket_borrow(l->pid, -1, l->cookie, l->uid, BORROW_MANY);
    if (fd < 0)
        return -ESRCH;
    if (!latch_owns(l, fd))
        rc = -EPERM;
    else
        rc = !datagrams            ? socket_dissolve(fd)
             : is_elsewhere(l, fd) ? 0
                                   : socket_end_association(fd, &l->remote);
    passed_close(fd, l->uid);
    return rc;
}
