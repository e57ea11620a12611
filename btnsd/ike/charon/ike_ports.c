/* Holds the UDP ports of IKE while no charon runs, and checks that charon gets them. */
#include "btnsd/ike/charon/ike_ports.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    int family;
    uint16_t port;
    const char *table; /* of the kernel's sockets */
} ports[IKE_PORTS] = {
    {AF_INET, 500, "/proc/net/udp"},
    {AF_INET, 4500, "/proc/net/udp"},
    {AF_INET6, 500, "/proc/net/udp6"},
    {AF_INET6, 4500, "/proc/net/udp6"},
};

void ike_ports_init(struct ike_ports *p)
{
    for (int i = 0; i < IKE_PORTS; i++)
        p->fd[i] = -1;
}

/* Binds as charon does: on all addresses, without sharing the port. */
static int bind_ike_port(int i)
{
    const int on = 1;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(ports[i].port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(ports[i].port)};
    bool six = ports[i].family == AF_INET6;
    int fd = socket(ports[i].family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (six)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (!bind(fd, six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
              six ? sizeof v6 : sizeof v4))
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

struct owner {
    unsigned uid, inode; /* inode 0: no socket is bound to that port */
};

/* Finds the socket that is bound to that port in the kernel's table. */
static struct owner ike_port_owner(int i)
{
    char line[512];
    unsigned port;
    struct owner o, found = {0};
    FILE *f = fopen(ports[i].table, "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%*d: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %u %*s %u", &port, &o.uid,
                   &o.inode) == 3 &&
            port == ports[i].port)
            found = o;
    if (f)
        fclose(f);
    return found;
}

static int ike_port_taken(int i, const struct owner *o, struct err *err)
{
    char by[16] = "?"; /* the program may have ended meanwhile */
    if (o->inode)
        snprintf(by, sizeof by, "%u", o->uid);
    err_set(err,
            "UDP port %u, which IKE needs, is taken by another program, of user %s: end it "
            "(ss -ulpn 'sport = %u'); btnsd tries again all the time",
            ports[i].port, by, ports[i].port);
    return -EADDRINUSE;
}

int ike_ports_hold(struct ike_ports *p, struct err *err)
{
    int taken = 0;
    for (int i = 0; i < IKE_PORTS; i++) {
        if (p->fd[i] < 0)
            p->fd[i] = bind_ike_port(i);
        if (p->fd[i] != -EADDRINUSE || taken)
            continue;
        const struct owner o = ike_port_owner(i);
        taken = ike_port_taken(i, &o, err);
    }
    for (int i = 0; i < IKE_PORTS; i++)
        p->fd[i] = p->fd[i] < 0 ? -1 : p->fd[i];
    return taken;
}

static bool holds_ike_socket(DIR *fds, unsigned inode)
{
    char name[32], target[32];
    const struct dirent *e;
    snprintf(name, sizeof name, "socket:[%u]", inode);
    rewinddir(fds);
    while ((e = readdir(fds))) {
        ssize_t n = readlinkat(dirfd(fds), e->d_name, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = '\0';
        if (!strcmp(target, name))
            return true;
    }
    return false;
}

int ike_ports_belong(pid_t pid, struct err *err)
{
    char path[32];
    int rc = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *fds = opendir(path);
    if (!fds)
        return 0; /* charon has ended, which is noticed elsewhere */
    for (int i = 0; i < IKE_PORTS && !rc; i++) {
        const struct owner o = ike_port_owner(i);
        if (o.inode && !holds_ike_socket(fds, o.inode))
            rc = ike_port_taken(i, &o, err);
    }
    closedir(fds);
    return rc;
}

void ike_ports_release(struct ike_ports *p)
{
    for (int i = 0; i < IKE_PORTS; i++)
        if (p->fd[i] >= 0)
            close(p->fd[i]);
    ike_ports_init(p);
}
