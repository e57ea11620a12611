/*
 * Is the IPv6 source address that a datagram names for itself (IPV6_PKTINFO) this host's? With
 * IPV6_FREEBIND, or if net.ipv6.ip_nonlocal_bind is set, the kernel accepts any source address, and
 * no guard covers a source that is not this host's. (For IPv4 the kernel refuses such a source,
 * except with IP_TRANSPARENT.)
 */
#ifndef BTNS_SHIM_FOREIGN_SOURCE_H
#define BTNS_SHIM_FOREIGN_SOURCE_H

#include <stdbool.h>

struct in6_addr;

/* Would the kernel send fd's datagram from this address although it is not this host's? */
bool source_is_foreign(int fd, const struct in6_addr *source);

#endif
