/*
 * Sockets with a policy of their own (libbtns) are shut until btnsd is asked about them. A socket's
 * IPsec policies are for one family, but an IPv6 socket also sends to IPv4 addresses. So a shut
 * socket has BTNS_SHUT_MARK in its mark, and an SPD entry of each family blocks packets with that
 * mark. After their first question, datagram sockets have BTNS_UNGUARDED_MARK, for which entries
 * below all guards block.
 */
#ifndef BTNS_RUNNING_SHUT_SOCKETS_H
#define BTNS_RUNNING_SHUT_SOCKETS_H

#include "btnsd/state/daemon.h"

/* Writes the SPD entries, unless they exist. Call it before a socket is shut. 0 or -errno. */
int shut_sockets_begin(struct btnsd *d, struct err *err);
/*
 * btnsd has allowed the connect() or listen() of a socket with a policy of its own: opens the
 * socket, or limits it if it is a datagram socket. clear: btnsd's answer was that it may send in
 * the clear. 0 or -errno: it stays shut.
 */
int shut_socket_answered(int fd, int protocol, bool clear);
/* Writes the SPD entries again, if they are in use. */
void shut_sockets_restore(struct btnsd *d);
/*
 * At btnsd's end: deletes the SPD entries, also those of an earlier btnsd, unless a socket is still
 * shut. Then they stay for that socket until a later btnsd ends.
 */
void shut_sockets_end(struct btnsd *d);

#endif
