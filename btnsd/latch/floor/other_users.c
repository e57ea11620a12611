/* Would a floor apply to other users' sockets? Looks into the kernel's table of sockets. */
#include "btnsd/latch/floor/other_users.h"

/*
 * A socket on :: may have IPv4 connections, unless it is for IPv6 only, which the kernel's entry
 * does not say.
 */
static bool other_user_overlaps(const struct floor_request *c, const struct btns_addr *there)
{
    const struct btns_addr *here = &c->local;
    bool both_here = here->family == AF_INET6 && btns_addr_is_any(here) && !c->v6only;
    bool both_there = there->family == AF_INET6 && btns_addr_is_any(there);
    if (here->port != there->port)
        return false;
    if (here->family != there->family)
        return both_here || (both_there && !c->v6only);
    return btns_addr_is_any(here) || btns_addr_is_any(there) || btns_addr_ip_equal(here, there);
}

bool other_user_is_covered(const struct floor_request *c, const struct sock_entry *e)
{
    bool own = e->cookie == c->cookie || e->uid == c->uid || e->uid == c->owner;
    /*
     * An entry without an inode belongs to no program: a connection in TIME_WAIT, or not accepted
     * yet.
     */
    return !own && e->inode && e->protocol == c->protocol && other_user_overlaps(c, &e->local);
}

struct cover {
    const struct floor_request *wanted;
    bool found;
};

static void note_other_users_socket(void *arg, const struct sock_entry *e)
{
    struct cover *c = arg;
    c->found |= other_user_is_covered(c->wanted, e);
}

int other_users_are_covered(struct sockdiag *sockets, const struct floor_request *c)
{
    const struct btns_addr port = {.port = c->local.port}, any = {0};
    struct cover cover = {c, false};
    if (!c->uid)
        return 0;
    int rc = sockdiag_listeners(sockets, note_other_users_socket, &cover);
    if (!rc)
        rc = sockdiag_connections(sockets, &port, &any, note_other_users_socket, &cover);
    return rc ? rc : cover.found;
}
