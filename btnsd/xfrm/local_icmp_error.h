/*
 * Sends an ICMP error to a socket of this host, so that its recv() or poll() ends when protection
 * towards its peer has ended.
 */
#ifndef BTNS_XFRM_LOCAL_ICMP_ERROR_H
#define BTNS_XFRM_LOCAL_ICMP_ERROR_H

#include "libapi/wire/addr.h"

#define LOCAL_ICMP_ERROR_MAX 96

/*
 * Builds an ICMP error which says that `remote` refuses what `local` sent there by UDP. The outer
 * IPv4 header has no identification and no checksum; the kernel fills them in. Returns the length.
 */
size_t local_icmp_error_build(uint8_t out[LOCAL_ICMP_ERROR_MAX], const struct btns_addr *local,
                              const struct btns_addr *remote);
/*
 * Sends it to this host itself. A UDP socket at `local` that is connected to `remote`, or has
 * IP_RECVERR, gets an error for its next or waiting call: EHOSTUNREACH with IPv4, EACCES with IPv6.
 * 0 or -errno.
 */
int local_icmp_error_send(const struct btns_addr *local, const struct btns_addr *remote);

#endif
