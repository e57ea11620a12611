/*
 * Source routes lead past a guard (libapi/wire/source_route.h). btnsd sees one that a socket has
 * when it is asked about it; these are set later, or for one datagram.
 */
#ifndef BTNS_SHIM_SOURCE_ROUTES_H
#define BTNS_SHIM_SOURCE_ROUTES_H

#include <stdbool.h>
#include <sys/socket.h>

/* Would this setsockopt() send what is connected already by another way? */
bool diverts_connected(int fd, int level, int name, const void *value, socklen_t len);
/* Has this message a route of its own? What cannot be read, the kernel refuses. */
bool diverts_message(int fd, const struct msghdr *msg);

#endif
