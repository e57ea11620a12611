/* Which network namespace a socket is of: btnsd's own, or another. */
#ifndef BTNS_BASE_NETNS_H
#define BTNS_BASE_NETNS_H

/*
 * The zero of a record that was not filled in is "unknown", which never passes for this host's
 * namespace.
 */
enum netns { NETNS_UNKNOWN, NETNS_OURS, NETNS_OTHER };

/*
 * The kernel's word about an open socket of any family. A connection that was accepted from an
 * AF_UNIX listener is of the namespace in which the client made its end (measured on 6.1, 6.18).
 * NETNS_UNKNOWN: no socket, or a kernel that does not tell.
 */
enum netns netns_of_socket(int fd);

#endif
