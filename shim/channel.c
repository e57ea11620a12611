/* Opens connections to btnsd on high descriptors and checks that btnsd runs as root. */
#include "shim/channel.h"

#include "shim/raw.h"
#include "shim/settings.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    ROOM = 64,      /* distance of the shim's descriptors from the limit */
    HIGHEST = 1024, /* highest descriptor used: the kernel's table grows with the highest one */
    CONNECT_SECONDS = 5, /* btnsd accepts at once unless it hangs */
    LINK_BUFFER = 1 << 20,
};

static int high_number(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 3;
    int top = limit.rlim_cur < HIGHEST ? (int)limit.rlim_cur : HIGHEST;
    return top > 2 * ROOM ? top - ROOM : top / 2 > 3 ? top / 2 : 3;
}

/*
 * Moves fd to a high number. Near the limit there may be none free: then any number above 2 is
 * used.
 */
static int move_up(int fd)
{
    long high = RAW(fcntl, fd, F_DUPFD_CLOEXEC, high_number());
    if (high < 0 && fd > 2)
        return fd;
    if (high < 0)
        high = RAW(fcntl, fd, F_DUPFD_CLOEXEC, 3);
    RAW(close, fd);
    return (int)high;
}

static long connect_to(int fd, const struct settings *s)
{
    long rc;
    do
        rc = RAW(connect, fd, &s->daemon, sizeof s->daemon);
    while (rc == -EINTR);
    return rc;
}

/*
 * btnsd must run as root. A stand-in for tests may run as the user, if the socket's path was given.
 */
static long check_peer(int fd, const struct settings *s)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    long rc = RAW(getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
    if (rc < 0)
        return rc;
    bool own = s->own_daemon && peer.uid == geteuid();
    return peer.uid == 0 || own ? 0 : -EPERM;
}

static void set_buffers(int fd, bool wait)
{
    struct timeval patience = {.tv_sec = CONNECT_SECONDS};
    if (wait)
        RAW(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    else
        RAW(setsockopt, fd, SOL_SOCKET, SO_SNDBUF, &(int){LINK_BUFFER}, sizeof(int));
}

int channel_open(bool wait)
{
    const struct settings *s = settings();
    int type = SOCK_SEQPACKET | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK);
    long fd = RAW(socket, AF_UNIX, type, 0);
    if (fd < 0)
        return (int)fd;
    fd = move_up((int)fd);
    if (fd < 0)
        return (int)fd;
    set_buffers((int)fd, wait);
    long rc = connect_to((int)fd, s);
    if (!rc)
        rc = check_peer((int)fd, s);
    if (rc < 0) {
        channel_close((int)fd);
        return (int)rc;
    }
    return (int)fd;
}

void channel_close(int fd)
{
    RAW(close, fd);
}
