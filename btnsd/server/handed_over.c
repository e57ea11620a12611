/* Accepts one end of a socket pair from a client as a new connection. */
#include "btnsd/server/handed_over.h"

#include "btnsd/server/client.h"

static bool handed_option_is(int fd, int name, int wanted)
{
    int value = 0;
    socklen_t len = sizeof value;
    return !getsockopt(fd, SOL_SOCKET, name, &value, &len) && value == wanted;
}

/*
 * Both ends of a socket pair have the credentials of the process that made it; the other end of a
 * connection has its own.
 */
static bool is_handed_pair_senders(int fd, const struct ucred *from)
{
    struct ucred maker;
    socklen_t len = sizeof maker;
    return handed_option_is(fd, SO_DOMAIN, AF_UNIX) &&
           handed_option_is(fd, SO_TYPE, SOCK_SEQPACKET) &&
           handed_option_is(fd, SO_ACCEPTCONN, 0) &&
           !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &maker, &len) && maker.pid == from->pid &&
           maker.uid == from->uid;
}

bool client_hands_over(struct client *c, int fd, const struct ucred *from)
{
    const int on = 1;
    if (!is_handed_pair_senders(fd, from) ||
        setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on))
        return false;
    server_take_in(c->server, fd, from);
    return true;
}
