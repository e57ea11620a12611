/* An IPv4 or IPv6 address with a port, in one fixed layout for messages and comparisons. */
#include "libapi/wire/addr.h"

#include "libapi/wire/inner_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

bool btns_addr_from_sa(struct btns_addr *a, const struct sockaddr *sa, socklen_t len)
{
    memset(a, 0, sizeof *a);
    if (!sa || len < (socklen_t)sizeof sa->sa_family)
        return false;
    if (sa->sa_family == AF_INET && len >= (socklen_t)sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        a->family = AF_INET;
        a->port = ntohs(in.sin_port);
        memcpy(a->ip, &in.sin_addr, 4);
        return true;
    }
    /*
     * The scope id is optional (RFC 2133): like the kernel, this accepts the shorter structure
     * without it.
     */
    if (sa->sa_family == AF_INET6 &&
        len >= (socklen_t)offsetof(struct sockaddr_in6, sin6_scope_id)) {
        struct sockaddr_in6 in6 = {0};
        memcpy(&in6, sa, len < (socklen_t)sizeof in6 ? (size_t)len : sizeof in6);
        a->port = ntohs(in6.sin6_port);
        if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
            a->family = AF_INET;
            memcpy(a->ip, in6.sin6_addr.s6_addr + 12, 4);
        } else {
            a->family = AF_INET6;
            a->scope = in6.sin6_scope_id;
            memcpy(a->ip, &in6.sin6_addr, 16);
        }
        return true;
    }
    return false;
}

socklen_t btns_addr_to_sa(const struct btns_addr *a, int family, struct sockaddr_storage *ss)
{
    memset(ss, 0, sizeof *ss);
    if (a->family == AF_INET && family != AF_INET6) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
        memcpy(&in.sin_addr, a->ip, 4);
        memcpy(ss, &in, sizeof in);
        return sizeof in;
    }
    if (a->family != AF_INET && a->family != AF_INET6)
        return 0;
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
    if (a->family == AF_INET) {
        in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
        memcpy(in6.sin6_addr.s6_addr + 12, a->ip, 4);
    } else {
        in6.sin6_scope_id = a->scope;
        memcpy(&in6.sin6_addr, a->ip, 16);
    }
    memcpy(ss, &in6, sizeof in6);
    return sizeof in6;
}

const char *btns_addr_ip_str(const struct btns_addr *a, char buf[BTNS_ADDR_STR])
{
    char ip[INET6_ADDRSTRLEN];
    if ((a->family != AF_INET && a->family != AF_INET6) ||
        !inet_ntop(a->family, a->ip, ip, sizeof ip))
        snprintf(buf, BTNS_ADDR_STR, "-");
    else if (a->scope)
        snprintf(buf, BTNS_ADDR_STR, "%s%%%u", ip, a->scope);
    else
        snprintf(buf, BTNS_ADDR_STR, "%s", ip);
    return buf;
}

const char *btns_addr_str(const struct btns_addr *a, char buf[BTNS_ADDR_STR])
{
    char ip[BTNS_ADDR_STR];
    btns_addr_ip_str(a, ip);
    const char *form = a->family == AF_INET6 ? "[%.64s]:%u" : "%.64s:%u";
    if (!a->family)
        form = "%.64s";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(buf, BTNS_ADDR_STR, form, ip, a->port);
#pragma GCC diagnostic pop
    return buf;
}

bool btns_addr_parse(struct btns_addr *a, const char *text)
{
    memset(a, 0, sizeof *a);
    if (inet_pton(AF_INET, text, a->ip) == 1) {
        a->family = AF_INET;
        return true;
    }
    if (inet_pton(AF_INET6, text, a->ip) == 1) {
        a->family = AF_INET6;
        return true;
    }
    memset(a, 0, sizeof *a);
    return false;
}

bool btns_addr_equal(const struct btns_addr *a, const struct btns_addr *b)
{
    return a->port == b->port && btns_addr_ip_equal(a, b);
}

bool btns_addr_ip_equal(const struct btns_addr *a, const struct btns_addr *b)
{
    return a->family == b->family && a->scope == b->scope && !memcmp(a->ip, b->ip, sizeof a->ip);
}

bool btns_addr_is_link_local(const struct btns_addr *a)
{
    return a->family == AF_INET6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool btns_addr_is_loopback(const struct btns_addr *a)
{
    if (a->family == AF_INET)
        return a->ip[0] == 127;
    return a->family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)(const void *)a->ip);
}

bool btns_addr_is_any(const struct btns_addr *a)
{
    static const uint8_t zero[16];
    return a->family && !memcmp(a->ip, zero, sizeof zero);
}

bool btns_addr_is_inner(const struct btns_addr *a)
{
    return a->family == AF_INET6 && is_inner_address((const struct in6_addr *)(const void *)a->ip);
}

static bool is_unicast_addr(const struct btns_addr *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (!a->family || btns_addr_is_any(a) || btns_addr_is_loopback(a))
        return false;
    if (a->family == AF_INET)
        return a->ip[0] && a->ip[0] < 224;
    return a->ip[0] != 0xff && memcmp(a->ip, mapped, sizeof mapped);
}

const char *btns_addr_not_host(const struct btns_addr *a)
{
    if (btns_addr_is_inner(a))
        return "an address in " INNER_PREFIX_TEXT
               " is derived from a key, and no host is there: give the host's own address";
    return is_unicast_addr(a) ? NULL : "not an address of a host";
}

bool btns_addr_is_host(const struct btns_addr *a)
{
    return !btns_addr_not_host(a);
}

unsigned btns_addr_bits(const struct btns_addr *a)
{
    return a->family == AF_INET ? 32 : 128;
}

bool btns_addr_in(const struct btns_addr *a, const struct btns_addr *net, unsigned bits)
{
    if (a->family != net->family || bits > btns_addr_bits(net))
        return false;
    if (memcmp(a->ip, net->ip, bits / 8))
        return false;
    unsigned rest = bits % 8;
    return !rest || !((a->ip[bits / 8] ^ net->ip[bits / 8]) >> (8 - rest));
}
