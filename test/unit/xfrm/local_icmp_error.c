/*
 * A program that waits for a datagram from a peer that was taken from its socket gets an error;
 * other programs do not. TAP.
 */
#include "btnsd/xfrm/local_icmp_error.h"
#include "test/unit/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct btns_addr at(const char *ip, uint16_t port)
{
    struct btns_addr a;
    btns_addr_parse(&a, ip);
    a.port = port;
    return a;
}

static int connected(const struct btns_addr *local, const struct btns_addr *remote)
{
    struct sockaddr_storage ss;
    int fd = socket(local->family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    socklen_t len = btns_addr_to_sa(local, local->family, &ss);
    if (bind(fd, (struct sockaddr *)&ss, len))
        return -1;
    len = btns_addr_to_sa(remote, remote->family, &ss);
    return connect(fd, (struct sockaddr *)&ss, len) ? -1 : fd;
}

static int error_of(int fd)
{
    char octet;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1 && recv(fd, &octet, 1, 0) < 0 ? errno : 0;
}

static void test_told(const char *here, const char *there, int expected)
{
    const struct btns_addr local = at(here, 5000), remote = at(there, 7);
    const struct btns_addr beside = at(here, 5001), elsewhere = at(there, 8);
    int fd = connected(&local, &remote), other = connected(&beside, &remote);
    check(fd >= 0 && other >= 0, "%s: two sockets are connected to %s", here, there);
    int rc = local_icmp_error_send(&local, &elsewhere);
    check(!rc && !error_of(fd), "an error about another peer is not this socket's: %s",
          strerror(-rc));
    rc = local_icmp_error_send(&local, &remote);
    check(!rc, "the error is sent: %s", strerror(-rc));
    int error = error_of(fd);
    check(error == expected, "who waits gets %s: %s", strerrorname_np(expected), strerror(error));
    check(!error_of(fd) && !error_of(other), "once, and nobody else does");
    close(fd);
    close(other);
}

int main(void)
{
    if (geteuid() || unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    const struct btns_addr any = at("0.0.0.0", 5000), peer = at("10.9.9.9", 7);
    const char *set_up = "ip link set lo up && ip addr add 10.0.0.1/32 dev lo && "
                         "ip addr add fd00::1/128 dev lo nodad && "
                         "ip route add 10.9.9.9/32 dev lo src 10.0.0.1 && "
                         "ip -6 route add fd09::9/128 dev lo src fd00::1";
    check(!system(set_up), "two addresses, and a way to two peers");
    test_told("10.0.0.1", "10.9.9.9", EHOSTUNREACH);
    test_told("fd00::1", "fd09::9", EACCES);
    check(local_icmp_error_send(&any, &peer) == -EINVAL, "a socket without an address is nobody's");
    return check_end();
}
