/* Asks the kernel about one of the program's sockets. No call here changes the socket. */
#ifndef BTNS_SHIM_SOCK_H
#define BTNS_SHIM_SOCK_H

#include "libapi/wire/addr.h"

/* The protocol's number if btnsd can protect it, or IPPROTO_MPTCP; 0 for any other socket. */
int sock_protocol(int fd);
/*
 * Like sock_protocol() with fewer system calls, for a descriptor that is used with an Internet
 * address: a raw socket of protocol TCP counts as a stream.
 */
int sock_protocol_number(int fd);
/* SO_COOKIE: the same number in every descriptor and process that has the socket; 0: none. */
uint64_t sock_cookie(int fd);
/* Names the socket's network namespace; 0: the kernel has no name for it (before Linux 5.14). */
uint64_t sock_netns(int fd);
/* Is the socket neither connected, connecting nor listening? */
bool sock_idle(int fd);
bool sock_listening(int fd);
/* The number of connections that wait in a listener's accept queue. */
unsigned sock_backlog(int fd);
/* Is the socket bound to no address and no port? */
bool sock_unbound(int fd);
/* Has the socket a socket filter attached? */
bool sock_filtered(int fd);
/* The local address. Returns false and family 0 if the socket has none. */
bool sock_local(int fd, struct btns_addr *local);
bool sock_remote(int fd, struct btns_addr *remote);
bool sock_nonblocking(int fd);
/* SO_SNDTIMEO, which bounds connect() too, in milliseconds; 0: none. */
int64_t sock_timeout(int fd);

#endif
