/* Sends raw segments into the loopback link, as an attacker would, and captures what crosses it. */
#include "btnsd/ctl/audit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define FENCE_MS    5000
#define CAPTURE_BUF (8 << 20)

static int open_tap_capture(void)
{
    struct sockaddr_ll lo = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex("lo")};
    int size = CAPTURE_BUF;
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    return bind(fd, (struct sockaddr *)&lo, sizeof lo) ? close(fd), -1 : fd;
}

/* A datagram socket that is connected to itself. */
static int open_tap_fence(void)
{
    struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof self;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && !bind(fd, (struct sockaddr *)&self, len) &&
        !getsockname(fd, (struct sockaddr *)&self, &len) &&
        !connect(fd, (struct sockaddr *)&self, len))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool tap_open(struct tap *t, struct err *err)
{
    *t = (struct tap){.capture = open_tap_capture(), .raw = {-1, -1}, .fence = -1};
    const char *what = "a capture of the loopback link";
    if (t->capture >= 0) {
        what = "a raw socket";
        t->raw[0] = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        t->raw[1] = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    }
    if (t->raw[0] >= 0) {
        what = "a datagram socket on the loopback link";
        t->fence = open_tap_fence();
    }
    if (t->fence >= 0)
        return true;
    err_set(err, "the self-test cannot open %s: %s", what, strerror(errno));
    tap_close(t);
    return false;
}

void tap_close(struct tap *t)
{
    int fds[] = {t->capture, t->raw[0], t->raw[1], t->fence};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

bool tap_send(struct tap *t, const struct segment *s)
{
    uint8_t packet[SEGMENT_MAX];
    struct sockaddr_storage ss;
    struct btns_addr to = s->to;
    size_t len = segment_write(s, packet);
    to.port = 0; /* a raw IPv6 socket takes the port for a protocol */
    socklen_t size = btns_addr_to_sa(&to, to.family, &ss);
    return sendto(t->raw[to.family == AF_INET6], packet, len, 0, (struct sockaddr *)&ss, size) ==
           (ssize_t)len;
}

bool tap_fence(struct tap *t)
{
    static uint32_t number;
    uint32_t seen = ++number - 1;
    struct pollfd p = {t->fence, POLLIN, 0};
    if (send(t->fence, &number, sizeof number, 0) != sizeof number)
        return false;
    while (seen != number)
        if (poll(&p, 1, FENCE_MS) <= 0 || recv(t->fence, &seen, sizeof seen, 0) != sizeof seen)
            return false;
    return true;
}

static bool tap_has_lost(struct tap *t)
{
    struct tpacket_stats stats = {0};
    socklen_t len = sizeof stats;
    return !getsockopt(t->capture, SOL_PACKET, PACKET_STATISTICS, &stats, &len) && stats.tp_drops;
}

bool tap_next(struct tap *t, const struct btns_addr *from, const struct btns_addr *to,
              struct segment *s, bool *lost)
{
    uint8_t packet[2048];
    struct sockaddr_ll where;
    for (;;) {
        socklen_t len = sizeof where;
        ssize_t n =
            recvfrom(t->capture, packet, sizeof packet, MSG_TRUNC, (struct sockaddr *)&where, &len);
        if (n < 0)
            break;
        /* The capture has each packet twice, outgoing and incoming: this takes one. */
        if (where.sll_pkttype == PACKET_OUTGOING && (size_t)n <= sizeof packet &&
            segment_read(packet, (size_t)n, s) && btns_addr_equal(&s->from, from) &&
            btns_addr_equal(&s->to, to))
            return true;
    }
    *lost |= tap_has_lost(t);
    return false;
}

void tap_drain(struct tap *t)
{
    uint8_t byte;
    while (recv(t->capture, &byte, 1, 0) >= 0)
        ;
    tap_has_lost(t);
}
