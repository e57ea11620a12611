/* Counts the packets of one service that cross this host's links, in the clear and in ESP. */
#include "btnsd/ctl/verify/verify.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNDER_WAY_MS 300
#define NAT_T_PORT   4500
#define PACKETS      20000

struct capture {
    int fd;
    struct btns_addr service;
    uint8_t protocol;
};

struct capture *capture_open(const struct btns_addr *service, uint8_t protocol, struct err *err)
{
    struct capture *c = calloc(1, sizeof *c);
    if (!c) {
        err_set(err, "out of memory");
        return NULL;
    }
    c->service = *service;
    c->protocol = protocol;
    c->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    if (c->fd >= 0)
        return c;
    err_set(err, "cannot watch this host's links: %s", strerror(errno));
    free(c);
    return NULL;
}

/* Parses addresses, protocol and payload; false: not a whole IP packet. */
struct packet {
    const uint8_t *address[2], *payload;
    size_t size, left; /* size of an address; octets of payload */
    uint8_t protocol;
};

static bool dissect_captured_packet(const uint8_t *data, size_t len, struct packet *p)
{
    struct iphdr ip;
    if (len >= sizeof ip && data[0] >> 4 == 4) {
        memcpy(&ip, data, sizeof ip);
        size_t head = (size_t)ip.ihl * 4;
        *p = (struct packet){{data + 12, data + 16}, data + head, 4, len - head, ip.protocol};
        return head >= sizeof ip && head <= len;
    }
    if (len >= sizeof(struct ip6_hdr) && data[0] >> 4 == 6) {
        *p = (struct packet){{data + 8, data + 24}, data + 40, 16, len - 40, data[6]};
        return true;
    }
    return false;
}

static unsigned capture_port(const struct packet *p, size_t at)
{
    return (unsigned)p->payload[at] << 8 | p->payload[at + 1];
}

static void count_captured_packet(const struct capture *c, const uint8_t *data, size_t len,
                                  struct crossed *s)
{
    struct packet p;
    if (!dissect_captured_packet(data, len, &p) || p.size != btns_addr_bits(&c->service) / 8 ||
        p.left < 4)
        return;
    for (int i = 0; i < 2; i++) { /* first the source port, then the destination port */
        if (memcmp(p.address[i], c->service.ip, p.size))
            continue;
        s->clear += p.protocol == c->protocol && capture_port(&p, (size_t)i * 2) == c->service.port;
        s->esp += p.protocol == IPPROTO_ESP ||
                  (p.protocol == IPPROTO_UDP && capture_port(&p, (size_t)i * 2) == NAT_T_PORT);
    }
}

struct crossed capture_read(struct capture *c)
{
    struct crossed s = {0, 0};
    uint8_t data[128]; /* headers only */
    struct pollfd p = {c->fd, POLLIN, 0};
    /* Other packets may never stop, so their number is limited, too. */
    for (unsigned n_read = 0; n_read < PACKETS && poll(&p, 1, UNDER_WAY_MS) > 0; n_read++) {
        ssize_t n = recv(c->fd, data, sizeof data, 0);
        if (n > 0)
            count_captured_packet(c, data, (size_t)n, &s);
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            break;
    }
    return s;
}

void capture_close(struct capture *c)
{
    if (!c)
        return;
    close(c->fd);
    free(c);
}
