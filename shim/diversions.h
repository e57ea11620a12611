/*
 * Source routes lead past a guard (libapi/wire/source_route.h), and so do datagrams from an address
 * that is not this host's. btnsd sees what a socket has when it is asked about it; here is what is
 * set later, or for one datagram.
 */
#ifndef BTNS_SHIM_DIVERSIONS_H
#define BTNS_SHIM_DIVERSIONS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Would this setsockopt() send what is connected already by another way, or from any address? */
bool diverts_connected(int fd, int level, int name, const void *value, socklen_t len);
/* Has this message a route of its own, or a source that is not this host's? Then a text for a
 * person, else NULL. What cannot be read, the kernel refuses. */
const char *diverts_message(int fd, const struct msghdr *msg);

#endif
