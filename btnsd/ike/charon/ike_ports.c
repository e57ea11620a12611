#include "btnsd/ike/charon/ike_ports.h"

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

void ports_init(struct ike_ports *p)
{
    for (int i = 0; i < IKE_PORTS; i++)
        p->fd[i] = -1;
}

/* Like charon's own sockets: for all addresses, and shared with nobody. */
static int bind_port(int i)
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

/* The user whose socket is bound to that port; -1: none is listed. */
static long user_of(int i)
{
    char line[512];
    unsigned port, uid;
    long found = -1;
    FILE *f = fopen(ports[i].table, "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%*d: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %u", &port, &uid) == 2 &&
            port == ports[i].port)
            found = uid;
    if (f)
        fclose(f);
    return found;
}

int ports_hold(struct ike_ports *p, struct err *err)
{
    int taken = 0;
    for (int i = 0; i < IKE_PORTS; i++) {
        if (p->fd[i] < 0)
            p->fd[i] = bind_port(i);
        if (p->fd[i] != -EADDRINUSE || taken)
            continue;
        taken = -EADDRINUSE;
        err_set(err,
                "UDP port %u, which IKE needs, is taken by another program, of user %ld: end it "
                "(ss -ulpn 'sport = %u'); btnsd tries again all the time",
                ports[i].port, user_of(i), ports[i].port);
    }
    for (int i = 0; i < IKE_PORTS; i++)
        p->fd[i] = p->fd[i] < 0 ? -1 : p->fd[i];
    return taken;
}

void ports_release(struct ike_ports *p)
{
    for (int i = 0; i < IKE_PORTS; i++)
        if (p->fd[i] >= 0)
            close(p->fd[i]);
    ports_init(p);
}
