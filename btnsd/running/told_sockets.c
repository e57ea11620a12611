/* Checks that a socket which a message names by its cookie belongs to the sender. */
#include "btnsd/running/told_sockets.h"

#include "btnsd/base/netns.h"
#include "btnsd/latch/registry/latch.h"
#include "btnsd/plan/facts.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"

#include <netinet/tcp.h>

static bool has_socket(pid_t pid, int number, uint64_t cookie, uid_t uid, int most)
{
    int fd = socket_borrow(pid, number, cookie, uid, most);
    if (fd < 0)
        return false;
    passed_close(fd, uid);
    return true;
}

/*
 * The process has a connection with q's ends at the number that q names. One of another network
 * namespace may have the same ends, and is no connection of this host's.
 */
static bool has_connection(const struct ucred *from, struct btns_flow *q)
{
    struct socket_facts f;
    struct btns_addr remote;
    int fd = descriptor_borrow(from->pid, q->fd_plus_1 - 1);
    if (fd < 0)
        return false;
    bool has = netns_of_socket(fd) == NETNS_OURS && !facts_socket(fd, &f, NULL) &&
               facts_peer(fd, &remote) && btns_addr_equal(&remote, &q->remote) &&
               f.local.port == q->local.port;
    if (has) {
        q->cookie = f.cookie;
        q->local = f.local;
    }
    passed_close(fd, from->uid);
    return has;
}

/* Does the kernel have the connection as this user's? */
static bool is_listed(struct btnsd *d, const struct ucred *from, struct btns_flow *q)
{
    struct sock_entry e;
    if (!d->sockets || sockdiag_find(d->sockets, &q->local, &q->remote, q->cookie, &e) ||
        (from->uid ? !e.inode || e.uid != from->uid : e.state == TCP_TIME_WAIT))
        return false;
    q->cookie = e.cookie;
    return true;
}

bool told_of_own(struct btnsd *d, const struct ucred *from, struct btns_flow *q)
{
    if (!from->uid && q->cookie)
        return true;
    if (is_listed(d, from, q))
        return true;
    /* One that was made by another user, or that the kernel does not find by its addresses. */
    bool has = q->fd_plus_1 &&
               (q->cookie ? has_socket(from->pid, q->fd_plus_1 - 1, q->cookie, from->uid, 0)
                          : has_connection(from, q));
    return has || !from->uid;
}

bool told_truly(struct latch *l, uid_t owner)
{
    if (latch_is_owners(l, owner) || !l->uid)
        return true;
    /* A program may have made its socket as root, and connected it as another user. */
    l->shown = has_socket(l->pid, -1, l->cookie, l->uid, BORROW_SOME);
    return l->shown;
}
