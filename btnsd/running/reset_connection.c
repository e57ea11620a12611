/* Ends a program's connection as if its peer had reset it. */
#include "btnsd/running/reset_connection.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/plan/facts.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/xfrm/local_icmp_error.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

int reset_socket(int fd)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    return connect(fd, &none, sizeof none) ? -errno : 0;
}

/*
 * On a busy kernel the error arrives a moment after it was sent, and the socket must be connected
 * to the peer until then. If the program reads the error first, this waits in vain.
 */
static void wait_for_icmp_error(int fd)
{
    enum { MOMENT = 2 }; /* milliseconds */
    struct pollfd p = {.fd = fd};
    poll(&p, 1, MOMENT);
}

static bool read_reset_address(int fd, struct btns_addr *local)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    return !getsockname(fd, (struct sockaddr *)&ss, &len) &&
           btns_addr_from_sa(local, (const struct sockaddr *)&ss, len);
}

static bool send_icmp_error(const struct btns_addr *local, const struct btns_addr *peer)
{
    int rc = local_icmp_error_send(local, peer);
    if (rc)
        log_rated(log_warning, "datagram sockets whose waiting calls were not told",
                  "a datagram socket lost its peer, and a call that waits on it could not be told: "
                  "%s",
                  strerror(-rc));
    return !rc;
}

static void tell_waiting_program(int fd, const struct btns_addr *peer)
{
    struct btns_addr local;
    if (read_reset_address(fd, &local) && send_icmp_error(&local, peer))
        wait_for_icmp_error(fd);
}

static bool wants_icmp_errors(int fd, int family)
{
    int on = 0;
    socklen_t len = sizeof on;
    return !(family == AF_INET ? getsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, &len)
                               : getsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, &len)) &&
           on;
}

void reset_tell_of(int fd, const struct btns_addr *source, const struct btns_addr *peer)
{
    struct btns_addr local, other;
    if (facts_peer(fd, &other) || !wants_icmp_errors(fd, peer->family) ||
        !read_reset_address(fd, &local))
        return;
    struct btns_addr from = *source;
    from.port = local.port;
    send_icmp_error(&from, peer);
}

int reset_association(int fd, const struct btns_addr *peer)
{
    tell_waiting_program(fd, peer);
    return reset_socket(fd);
}

static int destroy_connection(struct sockdiag *sockets, const struct latch *l)
{
    struct sock_entry e;
    int rc = sockdiag_find(sockets, &l->local, &l->remote, l->cookie, &e);
    if (!rc && !latch_is_owners(l, e.uid))
        rc = -EPERM;
    return rc ? rc : sockdiag_destroy(sockets, &e.local, &e.remote, l->cookie);
}

/* The owner of the socket's file is the owner of the socket. */
bool reset_is_owners(const struct latch *l, int fd)
{
    struct stat st;
    return !fstat(fd, &st) && latch_is_owners(l, st.st_uid);
}

/*
 * Is the socket not, or no longer, connected to the latch's peer? Then btnsd is asked before it
 * sends there, and only a call that waits has to be told.
 */
static bool is_connected_elsewhere(const struct latch *l, int fd)
{
    struct btns_addr peer;
    return !facts_peer(fd, &peer) || !btns_addr_equal(&peer, &l->remote);
}

static int reset_datagram_socket(const struct latch *l, int fd)
{
    if (!is_connected_elsewhere(l, fd))
        return reset_association(fd, &l->remote);
    reset_tell_of(fd, l->guard ? &l->guard->local : &l->local, &l->remote);
    return 0;
}

/* A datagram socket is ended for this peer alone, so the kernel is not asked to end it. */
int reset_connection(struct btnsd *d, const struct latch *l)
{
    bool datagrams = protocol_is_datagrams(l->protocol);
    int rc =
        !datagrams && d->sockets && l->local.port ? destroy_connection(d->sockets, l) : -EOPNOTSUPP;
    if (rc != -EOPNOTSUPP)
        return rc;
    /*
     * On a kernel without INET_DIAG_DESTROY: aborts the connection by a copy of the program's
     * descriptor.
     */
    int fd = socket_borrow(l->pid, -1, l->cookie, l->uid, BORROW_MANY);
    if (fd < 0)
        return -ESRCH;
    if (!reset_is_owners(l, fd))
        rc = -EPERM;
    else
        rc = datagrams ? reset_datagram_socket(l, fd) : reset_socket(fd);
    passed_close(fd, l->uid);
    return rc;
}
