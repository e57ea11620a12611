/* What the kernel says about one of the program's sockets. No call here changes it. */
#ifndef SHIM_SOCK_H
#define SHIM_SOCK_H

#include "libapi/wire/addr.h"

/* IPPROTO_TCP or IPPROTO_MPTCP, or 0: not a stream of either. */
int sock_protocol(int fd);
/* The cheap form of the same question, for a descriptor that is given an Internet address: a raw
 * socket of protocol TCP passes for a stream. */
int sock_protocol_number(int fd);
/* The name of the socket itself, equal in every descriptor and process that has it; 0: none. */
uint64_t sock_cookie(int fd);
/* Names the socket's network namespace; 0: the kernel has no name for it (before Linux 5.14). */
uint64_t sock_netns(int fd);
/* Neither connected, connecting nor listening. */
bool sock_idle(int fd);
/* A connection has come about on it. */
bool sock_connected(int fd);
/* Nobody has bound it to an address or a port. */
bool sock_unbound(int fd);
/* False, and family 0: it has none. */
bool sock_local(int fd, struct btns_addr *local);
bool sock_remote(int fd, struct btns_addr *remote);
bool sock_nonblocking(int fd);
/* SO_SNDTIMEO, which bounds connect() too, in milliseconds; 0: none. */
int64_t sock_timeout(int fd);

#endif
