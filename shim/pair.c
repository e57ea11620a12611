/*
 * A program that has changed its root directory, or may make no AF_UNIX socket any more, cannot
 * connect to btnsd's path. The link to btnsd is open, and each question needs a connection of its
 * own (threads and forked children ask at once): so it is made here and handed over. Who made a
 * pair is what the kernel tells btnsd of it, as of one that connects.
 */
#include "shim/pair.h"

#include "shim/channel.h"
#include "shim/link.h"
#include "shim/raw.h"

#include <sys/socket.h>

/* Even the first message has to come with its sender's credentials. */
static long hand_over(link_name link, int end)
{
    long rc = RAW(setsockopt, end, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
    return rc < 0 ? rc : link_send_file(link, BTNS_MSG_CHANNEL, end) ? 0 : -EAGAIN;
}

int pair_open(void)
{
    int ends[2];
    link_name link = link_last();
    if (!link_alive(link))
        return -ENOTCONN;
    long rc = RAW(socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
    if (rc < 0)
        return (int)rc;
    int theirs = channel_move_up(ends[1]), own = channel_move_up(ends[0]);
    rc = theirs < 0 ? theirs : own < 0 ? own : hand_over(link, theirs);
    if (theirs >= 0)
        channel_close(theirs);
    if (rc < 0 && own >= 0)
        channel_close(own);
    return rc < 0 ? (int)rc : own;
}
