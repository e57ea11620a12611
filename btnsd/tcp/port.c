/*
 * Binds sockets to source ports that an attacker cannot predict (tcpsecure, section 3; RFC 6056,
 * algorithm 1).
 */
#include "btnsd/tcp/tcp.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#define TRIES 512

/* The kernel's range of client ports in our network namespace. */
#define RANGE    "/proc/sys/net/ipv4/ip_local_port_range"
#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"

struct range {
    unsigned from, to;
};

static struct range local_port_range(void)
{
    struct range r = {32768, 60999};
    FILE *f = fopen(RANGE, "re");
    unsigned from, to;
    if (f && fscanf(f, "%u %u", &from, &to) == 2 && from && from <= to && to <= UINT16_MAX)
        r = (struct range){from, to};
    if (f)
        fclose(f);
    return r;
}

/*
 * Is the port among the reserved ones ("8080,9148-9160"), which connect() does not choose either?
 */
static bool is_reserved_port(FILE *f, unsigned port)
{
    struct range r;
    int n;
    rewind(f);
    while ((n = fscanf(f, "%u-%u", &r.from, &r.to)) >= 1) {
        if (port >= r.from && port <= (n == 2 ? r.to : r.from))
            return true;
        if (getc(f) != ',')
            break;
    }
    return false;
}

/* A random number below n; all have the same probability. */
static int random_port_below(uint32_t n, uint32_t *out)
{
    uint32_t most = UINT32_MAX - UINT32_MAX % n;
    do
        if (getrandom(out, sizeof *out, 0) != sizeof *out)
            return -EAGAIN;
    while (*out >= most);
    *out %= n;
    return 0;
}

static int bind_to_one_port(int fd, int family, const struct btns_addr *local,
                            const struct range *r, FILE *reserved)
{
    struct sockaddr_storage ss;
    struct btns_addr a = *local;
    uint32_t at;
    int rc = random_port_below(r->to - r->from + 1, &at);
    if (rc)
        return rc;
    a.port = (uint16_t)(r->from + at);
    if (reserved && is_reserved_port(reserved, a.port))
        return -EADDRINUSE;
    socklen_t len = btns_addr_to_sa(&a, family, &ss);
    return bind(fd, (struct sockaddr *)&ss, len) ? -errno : 0;
}

int tcp_bind_random(int fd, int family, const struct btns_addr *local)
{
    struct range r = local_port_range();
    FILE *reserved = fopen(RESERVED, "re");
    int rc = -EADDRINUSE;
    for (int i = 0; i < TRIES && rc == -EADDRINUSE; i++)
        rc = bind_to_one_port(fd, family, local, &r, reserved);
    if (reserved)
        fclose(reserved);
    return rc == -EADDRINUSE ? -EADDRNOTAVAIL : rc;
}
