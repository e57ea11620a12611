/* Is the IPv6 source address that a datagram names for itself this host's (foreign_source.h)? */
#include "shim/foreign_source.h"

#include "shim/prctl.h"
#include "shim/raw.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif

static struct sockaddr_in6 source_in6(const struct in6_addr *a)
{
    return (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = *a};
}

/*
 * Is it one of this host's addresses? Connected to its own address, a socket gets the same source.
 */
static bool is_own_source(const struct in6_addr *a)
{
    struct sockaddr_in6 to = source_in6(a), from = {0};
    socklen_t len = sizeof from;
    long fd = RAW(socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool own = RAW(connect, fd, &to, sizeof to) >= 0 && RAW(getsockname, fd, &from, &len) >= 0 &&
               !memcmp(&from.sin6_addr, a, sizeof *a);
    RAW(close, fd);
    return own;
}

/*
 * Is net.ipv6.ip_nonlocal_bind set? Only then can a socket without IPV6_FREEBIND be bound to an
 * address of the discard prefix 100::/64 (RFC 6666).
 */
static bool probe_foreign_source(void)
{
    static const struct in6_addr nobody = {.s6_addr = {1, [15] = 1}};
    struct sockaddr_in6 source = source_in6(&nobody);
    source.sin6_port = 0;
    long fd = RAW(socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool bound = RAW(bind, fd, &source, sizeof source) >= 0;
    RAW(close, fd);
    return bound;
}

/* The host's setting, probed at most once a second. */
static bool host_allows_foreign_source(void)
{
    /* Twice the time of the last probe in seconds, plus 1 if any source was allowed. */
    static uint64_t looked;
    struct timespec now;
    if (prctl_sandbox_entered())
        return __atomic_load_n(&looked, __ATOMIC_RELAXED) & 1;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    uint64_t second = (uint64_t)now.tv_sec + 1, last = __atomic_load_n(&looked, __ATOMIC_RELAXED);
    if (last / 2 == second)
        return last & 1;
    bool allowed = probe_foreign_source();
    __atomic_store_n(&looked, second * 2 + allowed, __ATOMIC_RELAXED);
    return allowed;
}

bool source_is_foreign(int fd, const struct in6_addr *source)
{
    int on = 0;
    socklen_t len = sizeof on;
    if (IN6_IS_ADDR_UNSPECIFIED(source) || IN6_IS_ADDR_V4MAPPED(source) ||
        IN6_IS_ADDR_LINKLOCAL(source))
        return false;
    bool any = (RAW(getsockopt, fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, &len) >= 0 && on) ||
               host_allows_foreign_source();
    return any && !is_own_source(source);
}
