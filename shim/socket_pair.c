/*
 * A program that has changed its root directory, or that may make no AF_UNIX socket any more,
 * cannot connect to the path of btnsd's socket. But its link to btnsd is open. Each question needs
 * a connection of its own, because threads and forked children ask at the same time: so a pair of
 * sockets is made here and one end is sent to btnsd over the link. The kernel tells btnsd which
 * process made the pair, as it does for a process that connects.
 */
#include "shim/socket_pair.h"

#include "shim/channel.h"
#include "shim/link.h"
#include "shim/raw.h"

#include <sys/socket.h>

/*
 * SO_PASSCRED is set first, because btnsd wants the sender's credentials with the first message
 * already.
 */
static long hand_socket_pair_over(link_name link, int end)
{
    long rc = RAW(setsockopt, end, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
    return rc < 0 ? rc : link_send_file(link, BTNS_MSG_CHANNEL, end);
}

int socket_pair_open(void)
{
    int ends[2];
    link_name link = link_last();
    if (!link_alive(link))
        return -ENOTCONN;
    long rc = RAW(socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
    if (rc < 0)
        return (int)rc;
    int theirs = channel_move_up(ends[1]), own = channel_move_up(ends[0]);
    rc = theirs < 0 ? theirs : own < 0 ? own : hand_socket_pair_over(link, theirs);
    if (theirs >= 0)
        channel_close(theirs);
    if (rc < 0 && own >= 0)
        channel_close(own);
    return rc < 0 ? (int)rc : own;
}
