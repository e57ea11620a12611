/* Opens connections to btnsd on high descriptors and checks that btnsd runs as root. */
#include "shim/channel.h"

#include "shim/raw.h"
#include "shim/settings.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
    ROOM = 64, /* the shim uses no descriptor among the last ROOM below the limit */
    /* The highest number used: the kernel's descriptor table grows with it. */
    HIGHEST = 1024,
    AGAIN = 10, /* milliseconds between two attempts to connect: btnsd usually accepts at once */
    LINK_BUFFER = 1 << 20,
};

static int channel_high_number(void)
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
int channel_move_up(int fd)
{
    long high = RAW(fcntl, fd, F_DUPFD_CLOEXEC, channel_high_number());
    if (high < 0 && fd > 2)
        return fd;
    if (high < 0)
        high = RAW(fcntl, fd, F_DUPFD_CLOEXEC, 3);
    RAW(close, fd);
    return (int)high;
}

static long connect_channel(int fd, const struct settings *s, struct patience *p)
{
    for (;;) {
        long rc = RAW(connect, fd, &s->daemon, sizeof s->daemon);
        if (rc != -EAGAIN || !p)
            return rc;
        long waited = patience_pause(p, AGAIN);
        if (waited)
            return waited == -ETIME ? -EAGAIN : waited;
    }
}

/* overflowuid: the uid shown for every user who is not mapped into this user namespace. */
enum { NO_NUMBER = 65534 };

/*
 * The root directory belongs to root, so its owner shows whether root is mapped in this user
 * namespace.
 */
static bool is_channel_root_unmapped(void)
{
    struct stat st;
    return stat("/", &st) == 0 && st.st_uid == NO_NUMBER;
}

/*
 * btnsd must run as root. A stand-in for tests may run as the user, if the socket's path was given.
 */
static long check_channel_process(int fd, const struct settings *s)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    long rc = RAW(getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
    if (rc < 0)
        return rc;
    if (peer.uid == NO_NUMBER && is_channel_root_unmapped())
        return -EUNATCH;
    bool own = s->own_daemon && peer.uid == geteuid();
    return peer.uid == 0 || own ? 0 : -EPERM;
}

int channel_open(struct patience *p)
{
    const struct settings *s = settings();
    long fd = RAW(socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return (int)fd;
    fd = channel_move_up((int)fd);
    if (fd < 0)
        return (int)fd;
    if (!p) /* for the link, whose messages wait until btnsd accepts it */
        RAW(setsockopt, fd, SOL_SOCKET, SO_SNDBUF, &(int){LINK_BUFFER}, sizeof(int));
    long rc = connect_channel((int)fd, s, p);
    if (!rc)
        rc = check_channel_process((int)fd, s);
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
