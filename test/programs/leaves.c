/*
 * leaves ADDRESS PORT: tries every way of sending something from the host to ADDRESS (IPv4), and
 * prints a line for each: its name, and "ok" or the errno.
 */
#include "test/shim/tool.h"

#include <linux/if_packet.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static struct sockaddr_in to;

static void report(const char *name, long rc)
{
    printf("%s: %s\n", name, rc < 0 ? strerrorname_np(errno) : "ok");
    fflush(stdout);
}

static int make_socket(int family, int type, int protocol)
{
    return socket(family, type | SOCK_CLOEXEC, protocol);
}

static void make_only(const char *name, int family, int type, int protocol)
{
    int fd = make_socket(family, type, protocol);
    report(name, fd);
    close(fd);
}

static void send_by_address(void)
{
    struct sockaddr_in unspec = to;
    struct iovec iov = {"x", 1};
    struct mmsghdr m = {
        .msg_hdr = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &iov, .msg_iovlen = 1}};
    int fd = make_socket(AF_INET, SOCK_DGRAM, 0);
    unspec.sin_family = AF_UNSPEC;
    report("sendto", sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to));
    report("sendto-unspec", sendto(fd, "x", 1, 0, (struct sockaddr *)&unspec, sizeof to));
    report("sendmsg", sendmsg(fd, &m.msg_hdr, 0));
    report("sendmmsg", sendmmsg(fd, &m, 1, 0));
    close(fd);
}

static void send_connected(void)
{
    int fd = make_socket(AF_INET, SOCK_DGRAM, 0);
    report("udp-connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    report("udp-send", send(fd, "x", 1, MSG_NOSIGNAL));
    close(fd);
}

static void serve_datagrams(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(5353)};
    int fd = make_socket(AF_INET, SOCK_DGRAM, 0);
    report("udp-bind", bind(fd, (struct sockaddr *)&any, sizeof any));
    struct sockaddr_in unsaid = any;
    unsaid.sin_family = AF_UNSPEC;
    unsaid.sin_port = htons(5354);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    report("udp-bind-unspec", bind(fd, (struct sockaddr *)&unsaid, sizeof unsaid));
    any.sin_port = htons(853);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    report("udp-bind-low", bind(fd, (struct sockaddr *)&any, sizeof any));
    close(fd);
}

static void open_early(void)
{
    int fd = make_socket(AF_INET, SOCK_STREAM, 0), on = 1;
    report("fastopen",
           sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to));
    report("fastopen-connect", setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on));
    close(fd);
}

static void enter_ring(void)
{
    char parameters[120] = {0};
    report("io_uring", syscall(SYS_io_uring_setup, 4, parameters));
}

int main(int argc, char **argv)
{
    if (argc != 3 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        return 2;
    to.sin_family = AF_INET;
    to.sin_port = htons((uint16_t)atoi(argv[2]));
    send_by_address();
    send_connected();
    serve_datagrams();
    open_early();
    make_only("raw", AF_INET, SOCK_RAW, 253);
    make_only("icmp", AF_INET, SOCK_RAW, IPPROTO_ICMP);
    make_only("icmp-datagram", AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    make_only("udplite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
    make_only("sctp", AF_INET, SOCK_STREAM, IPPROTO_SCTP);
    make_only("packet", AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    make_only("vsock", AF_VSOCK, SOCK_STREAM, 0);
    make_only("netlink", AF_NETLINK, SOCK_RAW, 0);
    enter_ring();
    return 0;
}
