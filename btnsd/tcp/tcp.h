/* What is set on TCP sockets that were passed to us: signatures, and ports that nobody foretells.
 */
#ifndef BTNS_TCP_H
#define BTNS_TCP_H

#include "libapi/wire/addr.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Segments to and from net/bits are signed with this key (TCP-MD5, RFC 2385), and others from there
 * dropped. `family` is the socket's: an IPv6 one may take IPv4. A listener's accepted sockets
 * inherit it. 0 or -errno.
 */
int tcp_sign(int fd, int family, const struct btns_addr *net, unsigned bits, const uint8_t *key,
             size_t len);
/*
 * Binds a socket that has no port yet to an unpredictable one of those that the kernel gives to
 * clients here; `local` is its address, any or not. 0; -EADDRNOTAVAIL: none was free; or -errno.
 */
int tcp_bind_random(int fd, int family, const struct btns_addr *local);

#endif
