/* Ends a program's connection as if its peer had reset it. */
#ifndef BTNS_RUNNING_RESET_CONNECTION_H
#define BTNS_RUNNING_RESET_CONNECTION_H

#include "btnsd/state/daemon.h"

/*
 * Resets the connection of a closed latch (latching -08, section 2.2). The program's next call gets
 * ECONNRESET (ECONNABORTED if the kernel destroys the socket; a waiting call may get EPIPE), and
 * the peer gets a reset under the guard's protection. 0; -ESRCH if the process no longer has the
 * socket, -EPERM if the socket is another user's; or -errno.
 */
int reset_connection(struct btnsd *d, const struct latch *l);
/*
 * Ends the socket's connection: TCP is reset (RFC 9293, 3.10.5), a datagram socket is disconnected.
 * 0 or -errno.
 */
int reset_socket(int fd);
/*
 * The same for a datagram socket that is connected to `peer`. A call that waits on it, or else the
 * next one, gets the error of an ICMP message: EHOSTUNREACH, with IPv6 EACCES (L13).
 */
int reset_association(int fd, const struct btns_addr *peer);
/*
 * The same error for a datagram socket that is not connected, but asked for such errors
 * (IP_RECVERR), about what it sent to `peer` from `source`. Other sockets are not told.
 */
void reset_tell_of(int fd, const struct btns_addr *source, const struct btns_addr *peer);
/* Does the latch's owner own the socket, too, so that it may be reset for that user? */
bool reset_is_owners(const struct latch *l, int fd);

#endif
