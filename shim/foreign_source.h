/*
 * The source that a datagram over IPv6 names for itself (IPV6_PKTINFO). With IPV6_FREEBIND, or
 * where net.ipv6.ip_nonlocal_bind is set, the kernel takes any address, and no guard is for one
 * that is not this host's. (With IPv4 the kernel refuses it in any case, but with IP_TRANSPARENT.)
 */
#ifndef BTNS_SHIM_FOREIGN_SOURCE_H
#define BTNS_SHIM_FOREIGN_SOURCE_H

#include <stdbool.h>

struct in6_addr;

/* Would the kernel send fd's datagram from this address although it is not this host's? */
bool source_is_foreign(int fd, const struct in6_addr *source);

#endif
