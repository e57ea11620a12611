/* connect(): asks btnsd for a verdict first, unless a cached one holds. */
#include "shim/calls.h"
#include "shim/connect_refused.h"
#include "shim/known.h"
#include "shim/mark.h"
#include "shim/permit.h"
#include "shim/sock.h"
#include "shim/target.h"
#include "shim/wait.h"

#include <errno.h>
#include <sys/time.h>

/* connect() with another SO_SNDTIMEO, which is then set back to the program's own value. */
static int connect_within(int fd, const struct target *t, const struct timeval *limit)
{
    struct timeval before;
    socklen_t len = sizeof before;
    long rc = RAW(getsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &before, &len);
    if (rc == 0)
        rc = RAW(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, limit, sizeof *limit);
    if (rc == 0) {
        rc = RAW(connect, fd, t->addr, t->len);
        RAW(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof before);
    }
    return (int)rc;
}

static int fail_connect(int error)
{
    errno = error;
    return -1;
}

/*
 * Starts the connection as an interrupted or timed-out blocking connect() leaves it: still
 * connecting. With the shortest possible SO_SNDTIMEO the kernel sends the SYN and returns at once.
 */
static int connect_later(int fd, const struct target *t, int unfinished)
{
    int error;
    struct timeval least = {.tv_usec = 1};
    if (permit_connect(fd, &t->remote, PERMIT_NOW, &error) != PERMIT_GO)
        return fail_connect(error);
    int rc = connect_within(fd, t, &least);
    return rc ? fail_connect(rc == -EINPROGRESS || rc == -EINTR ? unfinished : -rc) : 0;
}

/* The wait for btnsd counts as part of the connection's own time limit. */
static int connect_in_time(int fd, const struct target *t, int milliseconds)
{
    struct timeval rest = {milliseconds / 1000, milliseconds % 1000 * 1000L};
    int rc = connect_within(fd, t, &rest);
    return rc ? fail_connect(connect_refused_because(fd, &t->remote, -rc)) : 0;
}

/* Ends another thread's connect() on this socket, as the kernel would. */
static void end_connect(int fd)
{
    if (wait_any())
        wait_give_up(sock_cookie(fd), EPIPE);
}

/*
 * connect() may change a datagram socket's source address, so cached verdicts for the socket are
 * dropped, whatever descriptor it was called on.
 */
static int pass_connect(int fd, const struct target *t)
{
    int rc = PASS(connect, fd, t->addr, t->len);
    if (known_datagrams(fd) && !known_is_shared(fd))
        known_moved(fd);
    else if (!known_is_stream(fd) && !known_is_other(fd) && sock_protocol_number(fd) == IPPROTO_UDP)
        known_forget_fresh();
    return rc;
}

int shim_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct target t;
    int error = 0, saved = errno;
    target_read(&t, fd, addr, len);
    if (t.family == AF_UNSPEC)
        end_connect(fd);
    if (!t.remote.family)
        return pass_connect(fd, &t);
    switch (permit_connect(fd, &t.remote, PERMIT_WAIT, &error)) {
    case PERMIT_REFUSE:
        return fail_connect(error);
    case PERMIT_LATER:
        return connect_later(fd, &t, error);
    case PERMIT_WITHIN:
        errno = saved;
        return connect_in_time(fd, &t, error);
    case PERMIT_OTHER:
        errno = saved;
        return LEAVE(connect, fd, t.addr, t.len);
    case PERMIT_GO:
        break;
    }
    errno = saved;
    int rc = pass_connect(fd, &t);
    return rc ? fail_connect(connect_refused_because(fd, &t.remote, errno)) : 0;
}

/* libc exports connect() under this name too. */
int shim___connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    return shim_connect(fd, addr, len);
}
