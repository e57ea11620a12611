/* Sends a window probe on a connection of a program's. */
#include "btnsd/tcp/window_probe.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/*
 * The kernel sends a probe when a socket leaves repair mode, whether or not it was in it, and takes
 * SO_REUSEADDR away: tcp(7) does not say so, the kernel's own code does.
 */
static int window_probe_leave_repair(int fd)
{
    static const int off = TCP_REPAIR_OFF;
    return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof off) ? -errno : 0;
}

static bool window_probe_in_repair(int fd)
{
    int on = 0;
    socklen_t len = sizeof on;
    return getsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, &len) || on;
}

int tcp_window_probe(int fd)
{
    int reuse = 0;
    socklen_t len = sizeof reuse;
    if (window_probe_in_repair(fd)) /* a program of root's saves or restores its connection */
        return -EBUSY;
    if (getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, &len))
        return -errno;
    int rc = window_probe_leave_repair(fd);
    if (!rc && reuse && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse))
        rc = -errno;
    return rc;
}
