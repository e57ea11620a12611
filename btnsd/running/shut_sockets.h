/*
 * Sockets with a policy of their own (libbtns) are shut until btnsd is asked about them. The socket
 * policies of a socket are of one family, and an IPv6 socket sends to IPv4 addresses, too: a shut
 * socket has BTNS_SHUT_MARK in its mark, and an SPD entry of each family blocks packets with that
 * mark. Datagram sockets have BTNS_UNGUARDED_MARK after the first question, and entries below all
 * guards.
 */
#ifndef BTNS_RUNNING_SHUT_SOCKETS_H
#define BTNS_RUNNING_SHUT_SOCKETS_H

#include "btnsd/state/daemon.h"

/* Writes the SPD entries, unless they are there. Call it before a socket is shut. 0 or -errno. */
int shut_sockets_begin(struct btnsd *d, struct err *err);
/*
 * btnsd was asked about a socket with a policy of its own, and it may go on: it is opened, or, if
 * it is one for datagrams, limited. clear: the answer was that it may send in the clear. 0 or
 * -errno: it stays shut.
 */
int socket_answered(int fd, int protocol, bool clear);
/* Writes them again, where they are in use. */
void shut_sockets_restore(struct btnsd *d);
/*
 * btnsd ends. Deletes the entries, of an earlier btnsd, too, unless a socket is still shut: then
 * they stay for it, until the end of a later btnsd.
 */
void shut_sockets_end(struct btnsd *d);

#endif
