/* An IPv4 or IPv6 address with a port, in one fixed layout for messages and comparisons. */
#ifndef BTNS_LIBAPI_WIRE_ADDR_H
#define BTNS_LIBAPI_WIRE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * IPv4-mapped IPv6 addresses are stored as IPv4 and unused octets are zero, so memcmp() compares
 * addresses.
 */
struct btns_addr {
    uint16_t family; /* AF_INET, AF_INET6; 0: none */
    uint16_t port;   /* host order */
    uint32_t scope;  /* IPv6 scope id, else 0 */
    uint8_t ip[16];  /* network order; IPv4 uses the first four */
};

#define BTNS_ADDR_STR 80 /* "[v6%scope]:port" fits */

/* Returns false, with *a zero, if sa is not a complete AF_INET or AF_INET6 address. */
bool btns_addr_from_sa(struct btns_addr *a, const struct sockaddr *sa, socklen_t len);
/*
 * Returns the length of *ss; 0 for family 0. If `family` is AF_INET6, an IPv4 address is written as
 * IPv4-mapped.
 */
socklen_t btns_addr_to_sa(const struct btns_addr *a, int family, struct sockaddr_storage *ss);
/* "10.0.0.1:80", "[fd00::1]:80", "-" for none; returns buf. */
const char *btns_addr_str(const struct btns_addr *a, char buf[BTNS_ADDR_STR]);
/* Like btns_addr_str(), without the port. */
const char *btns_addr_ip_str(const struct btns_addr *a, char buf[BTNS_ADDR_STR]);
/* Parses a numeric address without a port. */
bool btns_addr_parse(struct btns_addr *a, const char *text);
bool btns_addr_equal(const struct btns_addr *a,
                     const struct btns_addr *b); /* compares ports, too */
bool btns_addr_ip_equal(const struct btns_addr *a, const struct btns_addr *b); /* ignores ports */
/* Is the address in fe80::/10? Such an address needs its interface. */
bool btns_addr_is_link_local(const struct btns_addr *a);
bool btns_addr_is_loopback(const struct btns_addr *a);
bool btns_addr_is_any(const struct btns_addr *a); /* 0.0.0.0 or :: */
/* Is this an inner address of BEET mode, which is derived from a key? */
bool btns_addr_is_inner(const struct btns_addr *a);
/*
 * Can this be another host's address on a network? NULL, or why not: the address means all hosts,
 * many hosts or this host, is IPv4 written as IPv6, or is a key's inner address.
 */
const char *btns_addr_not_host(const struct btns_addr *a);
bool btns_addr_is_host(const struct btns_addr *a);
/* Is a inside net/bits? Families must be equal. */
bool btns_addr_in(const struct btns_addr *a, const struct btns_addr *net, unsigned bits);
unsigned btns_addr_bits(const struct btns_addr *a); /* 32 or 128 */

#endif
