/*
 * Finds source routes and foreign source addresses, with which packets would bypass a guard
 * (libapi/wire/source_route.h). btnsd checks what the socket has set when it is asked; this file
 * checks what is set later, or for one datagram.
 */
#ifndef BTNS_SHIM_DIVERSIONS_H
#define BTNS_SHIM_DIVERSIONS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * Would this setsockopt() divert a connected socket's packets: by a source route, or by allowing
 * any source address?
 */
bool diverts_connected(int fd, int level, int name, const void *value, socklen_t len);
/*
 * If the message has a source route, or a source address that is not this host's, returns the
 * reason as text for a person; else NULL. Memory that cannot be read is left to the kernel to
 * refuse.
 */
const char *diverts_message(int fd, const struct msghdr *msg);

#endif
