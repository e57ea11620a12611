/* Sets TCP-MD5 signatures and unpredictable ports on TCP sockets that were passed to us. */
#ifndef BTNS_TCP_TCP_H
#define BTNS_TCP_TCP_H

#include "libapi/wire/addr.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Signs segments to and from net/bits with this key (TCP-MD5, RFC 2385), and has other segments
 * from there dropped. `family` is the socket's: an IPv6 socket may take IPv4. A listener's accepted
 * sockets inherit it. 0 or -errno.
 */
int tcp_sign(int fd, int family, const struct btns_addr *net, unsigned bits, const uint8_t *key,
             size_t len);
/* Deletes the key for net/bits: segments to and from there are not signed any more. 0 or -errno. */
int tcp_unsign(int fd, int family, const struct btns_addr *net, unsigned bits);
/*
 * Binds a socket that has no port yet to an unpredictable port of the kernel's client range.
 * `local` is its address, or any. 0; -EADDRNOTAVAIL: no port was free; or -errno.
 */
int tcp_bind_random(int fd, int family, const struct btns_addr *local);

#endif
