/* ICMP errors to sockets of this host, for who waits in recv() or poll() for a peer that has been
 * taken from it. */
#ifndef BTNS_XFRM_LOCAL_ERROR_H
#define BTNS_XFRM_LOCAL_ERROR_H

#include "libapi/wire/addr.h"

#define LOCAL_ERROR_MAX 96

/*
 * Writes the packet: as though `remote` forbade what `local` sent there by UDP. An IPv4 packet's
 * own header is without identification and checksum, which the kernel fills in. Returns its length.
 */
size_t local_error_build(uint8_t out[LOCAL_ERROR_MAX], const struct btns_addr *local,
                         const struct btns_addr *remote);
/*
 * Sends it to this host itself. A UDP socket at `local` that is connected to `remote` gets an error
 * for its next or waiting call: EHOSTUNREACH with IPv4, EACCES with IPv6. 0 or -errno.
 */
int local_error_send(const struct btns_addr *local, const struct btns_addr *remote);

#endif
