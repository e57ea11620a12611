/* Asks the kernel, in two ways, which network namespace a socket belongs to. */
#include "btnsd/base/netns.h"

#include <linux/sockios.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14 */
#endif

struct place {
    uint64_t cookie; /* 0: the kernel has none */
    dev_t dev;
    ino_t inode; /* of the namespace's file; looked up only where there is no cookie */
};

/* Linux 4.10; needs CAP_NET_ADMIN in the user namespace that owns the network namespace. */
static bool read_netns_file(int fd, struct place *p)
{
    struct stat st;
    int ns = ioctl(fd, SIOCGSKNS);
    bool ok = ns >= 0 && !fstat(ns, &st);
    if (ns >= 0)
        close(ns);
    if (ok)
        *p = (struct place){0, st.st_dev, st.st_ino};
    return ok;
}

static bool read_netns(int fd, struct place *p)
{
    int type;
    socklen_t len = sizeof type, cookie_len = sizeof p->cookie;
    *p = (struct place){0};
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
        return false; /* on other kinds of file, SIOCGSKNS is another request */
    return (!getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &p->cookie, &cookie_len) && p->cookie) ||
           read_netns_file(fd, p);
}

/* btnsd never leaves the namespace in which it was started. */
static bool read_own_netns(struct place *p)
{
    static struct place own;
    static bool known;
    int fd = known ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        known = read_netns(fd, &own);
        close(fd);
    }
    *p = own;
    return known;
}

enum netns netns_of_socket(int fd)
{
    struct place its, own;
    if (!read_own_netns(&own) || !read_netns(fd, &its))
        return NETNS_UNKNOWN;
    bool same = its.cookie == own.cookie && its.dev == own.dev && its.inode == own.inode;
    return same ? NETNS_OURS : NETNS_OTHER;
}
