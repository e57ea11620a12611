/* Checks that a socket which a message names by its cookie belongs to the sender. */
#include "btnsd/running/socket_owner.h"

#include "btnsd/latch/registry/latch.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"

static bool process_owns_socket(pid_t pid, int number, uint64_t cookie, uid_t uid, int most)
{
    int fd = socket_borrow(pid, number, cookie, uid, most);
    if (fd < 0)
        return false;
    passed_close(fd, uid);
    return true;
}

bool sender_owns_socket(struct btnsd *d, const struct ucred *from, const struct btns_flow *q)
{
    struct sock_entry e;
    if (!from->uid)
        return true;
    bool found = d->sockets && !sockdiag_find(d->sockets, &q->local, &q->remote, q->cookie, &e);
    if (found && e.inode && e.uid == from->uid)
        return true;
    /*
     * The kernel's socket was made by another user, or cannot be found by its addresses: does the
     * process have it?
     */
    return q->fd_plus_1 &&
           process_owns_socket(from->pid, q->fd_plus_1 - 1, q->cookie, from->uid, 0);
}

bool latch_user_owns_socket(struct latch *l, uid_t owner)
{
    if (latch_is_owners(l, owner) || !l->uid)
        return true;
    /* A program may have made its socket as root, and connected it as another user. */
    l->shown = process_owns_socket(l->pid, -1, l->cookie, l->uid, BORROW_SOME);
    return l->shown;
}
