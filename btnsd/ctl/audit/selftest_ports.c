/* Makes many connections, to one destination and to many, and records their source ports. */
#include "btnsd/ctl/audit/selftest.h"
#include "btnsd/ctl/audit/victim.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESTINATIONS 100
#define LIMIT_MS     5000

/* Ends a connection by RST, so that its ports are free again. */
static void close_selftest_port(int fd)
{
    struct linger now = {1, 0};
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

/* The source port that the kernel chose for a connection to `to`; 0: no connection. */
static uint16_t selftest_port_to(const struct btns_addr *to, int listener)
{
    struct sockaddr_storage ss;
    struct btns_addr from = {0};
    struct timeval limit = {LIMIT_MS / 1000, 0};
    socklen_t len = btns_addr_to_sa(to, to->family, &ss);
    int accepted = -1, fd = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (fd >= 0 && !connect(fd, (struct sockaddr *)&ss, len)) {
        struct pollfd p = {listener, POLLIN, 0};
        accepted = poll(&p, 1, LIMIT_MS) == 1 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
        len = sizeof ss;
        if (accepted >= 0 && !getsockname(fd, (struct sockaddr *)&ss, &len))
            btns_addr_from_sa(&from, (struct sockaddr *)&ss, len);
    }
    close_selftest_port(fd);
    close_selftest_port(accepted);
    return from.port;
}

static void collect_selftest_ports(int family, unsigned destinations, struct ports *p)
{
    static int listener[DESTINATIONS];
    static struct btns_addr at[DESTINATIONS];
    unsigned n = 0;
    while (n < destinations && (listener[n] = victim_loopback_listener(family, 16, &at[n])) >= 0)
        n++;
    for (p->n = 0; n == destinations && p->n < PORTS; p->n++)
        if (!(p->port[p->n] = selftest_port_to(&at[p->n % n], listener[p->n % n])))
            break;
    while (n)
        close(listener[--n]);
}

void selftest_ports(int family, struct port_runs *runs)
{
    int i = family == AF_INET6;
    collect_selftest_ports(family, 1, &runs->one[i]);
    collect_selftest_ports(family, DESTINATIONS, &runs->others[i]);
    runs->done[i] = true;
}
