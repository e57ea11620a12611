/* An IPv4 or IPv6 address with a port, in one fixed shape for the wire and for comparing. */
#ifndef BTNS_ADDR_H
#define BTNS_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* IPv4-mapped IPv6 addresses are held as IPv4 and unused octets are zero, so memcmp() compares. */
struct btns_addr {
    uint16_t family; /* AF_INET, AF_INET6; 0: none */
    uint16_t port;   /* host order */
    uint32_t scope;  /* IPv6 scope id, else 0 */
    uint8_t ip[16];  /* network order; IPv4 uses the first four */
};

#define BTNS_ADDR_STR 80 /* "[v6%scope]:port" fits */

/* Returns false (and a zero *a) when sa is not a whole AF_INET or AF_INET6 address. */
bool btns_addr_from_sa(struct btns_addr *a, const struct sockaddr *sa, socklen_t len);
/*
 * Returns the length used; 0 for family 0. With `family` AF_INET6 an IPv4 address is written
 * mapped.
 */
socklen_t btns_addr_to_sa(const struct btns_addr *a, int family, struct sockaddr_storage *ss);
/* "10.0.0.1:80", "[fd00::1]:80", "-" for none; returns buf. */
const char *btns_addr_str(const struct btns_addr *a, char buf[BTNS_ADDR_STR]);
/* The same without the port. */
const char *btns_addr_ip_str(const struct btns_addr *a, char buf[BTNS_ADDR_STR]);
/* Numeric address only, no port. */
bool btns_addr_parse(struct btns_addr *a, const char *text);
bool btns_addr_equal(const struct btns_addr *a, const struct btns_addr *b);    /* with ports */
bool btns_addr_ip_equal(const struct btns_addr *a, const struct btns_addr *b); /* without */
/* fe80::/10: an address means nothing without the interface. */
bool btns_addr_is_link_local(const struct btns_addr *a);
bool btns_addr_is_loopback(const struct btns_addr *a);
bool btns_addr_is_any(const struct btns_addr *a); /* 0.0.0.0 or :: */
/* Is a inside net/bits? Families must be equal. */
bool btns_addr_in(const struct btns_addr *a, const struct btns_addr *net, unsigned bits);
unsigned btns_addr_bits(const struct btns_addr *a); /* 32 or 128 */

#endif
