/* Sends an ICMP error to a socket of this host, so that its recv() or poll() ends. */
#include "btnsd/xfrm/local_icmp_error.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#define HOPS 64

static uint32_t sum_icmp_octets(uint32_t sum, const void *octets, size_t len)
{
    const uint8_t *p = octets;
    for (size_t i = 0; i < len; i++)
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    return sum;
}

static uint16_t icmp_checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static struct udphdr icmp_udp_header(const struct btns_addr *local, const struct btns_addr *remote)
{
    struct udphdr udp = {0};
    udp.source = htons(local->port);
    udp.dest = htons(remote->port);
    udp.len = htons(sizeof udp);
    return udp;
}

static struct iphdr icmp_ip_header(const uint8_t *from, const uint8_t *to, uint8_t protocol,
                                   size_t len)
{
    struct iphdr ip = {0};
    ip.version = 4;
    ip.ihl = sizeof ip / 4;
    ip.ttl = HOPS;
    ip.protocol = protocol;
    ip.tot_len = htons((uint16_t)len);
    memcpy(&ip.saddr, from, sizeof ip.saddr);
    memcpy(&ip.daddr, to, sizeof ip.daddr);
    return ip;
}

static size_t build_icmp_4(uint8_t *out, const struct btns_addr *local,
                           const struct btns_addr *remote)
{
    struct {
        struct iphdr ip;
        struct icmphdr icmp;
        struct iphdr quoted;
        struct udphdr udp;
    } m = {.icmp = {.type = ICMP_DEST_UNREACH, .code = ICMP_PKT_FILTERED}};
    m.ip = icmp_ip_header(remote->ip, local->ip, IPPROTO_ICMP, sizeof m);
    m.quoted = icmp_ip_header(local->ip, remote->ip, IPPROTO_UDP, sizeof m.quoted + sizeof m.udp);
    m.quoted.check = icmp_checksum(sum_icmp_octets(0, &m.quoted, sizeof m.quoted));
    m.udp = icmp_udp_header(local, remote);
    m.icmp.checksum = icmp_checksum(sum_icmp_octets(0, &m.icmp, sizeof m - sizeof m.ip));
    memcpy(out, &m, sizeof m);
    return sizeof m;
}

static struct ip6_hdr icmp_ip6_header(const uint8_t *from, const uint8_t *to, uint8_t next,
                                      size_t len)
{
    struct ip6_hdr ip = {0};
    ip.ip6_vfc = 6 << 4;
    ip.ip6_plen = htons((uint16_t)len);
    ip.ip6_nxt = next;
    ip.ip6_hlim = HOPS;
    memcpy(&ip.ip6_src, from, sizeof ip.ip6_src);
    memcpy(&ip.ip6_dst, to, sizeof ip.ip6_dst);
    return ip;
}

static size_t build_icmp_6(uint8_t *out, const struct btns_addr *local,
                           const struct btns_addr *remote)
{
    struct {
        struct ip6_hdr ip;
        struct icmp6_hdr icmp;
        struct ip6_hdr quoted;
        struct udphdr udp;
    } m = {.icmp = {.icmp6_type = ICMP6_DST_UNREACH, .icmp6_code = ICMP6_DST_UNREACH_ADMIN}};
    const size_t len = sizeof m - sizeof m.ip;
    m.ip = icmp_ip6_header(remote->ip, local->ip, IPPROTO_ICMPV6, len);
    m.quoted = icmp_ip6_header(local->ip, remote->ip, IPPROTO_UDP, sizeof m.udp);
    m.udp = icmp_udp_header(local, remote);
    uint32_t pseudo = sum_icmp_octets((uint32_t)len + IPPROTO_ICMPV6, &m.ip.ip6_src, 32);
    m.icmp.icmp6_cksum = icmp_checksum(sum_icmp_octets(pseudo, &m.icmp, len));
    memcpy(out, &m, sizeof m);
    return sizeof m;
}

size_t local_icmp_error_build(uint8_t out[LOCAL_ICMP_ERROR_MAX], const struct btns_addr *local,
                              const struct btns_addr *remote)
{
    return local->family == AF_INET ? build_icmp_4(out, local, remote)
                                    : build_icmp_6(out, local, remote);
}

int local_icmp_error_send(const struct btns_addr *local, const struct btns_addr *remote)
{
    uint8_t packet[LOCAL_ICMP_ERROR_MAX];
    struct sockaddr_storage to;
    struct btns_addr there = *local;
    const int family = local->family;
    if (family != remote->family || !local->port || btns_addr_is_any(local))
        return -EINVAL;
    int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
    if (fd < 0)
        return -errno;
    size_t len = local_icmp_error_build(packet, local, remote);
    there.port = 0; /* with IPv6, a raw socket takes the port for a protocol */
    socklen_t to_len = btns_addr_to_sa(&there, family, &to);
    ssize_t n = sendto(fd, packet, len, 0, (const struct sockaddr *)&to, to_len);
    int rc = n < 0 ? -errno : 0;
    close(fd);
    return rc;
}
