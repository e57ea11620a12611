/* Says whether a socket is in btnsd's own network namespace or in another. */
#ifndef BTNS_BASE_NETNS_H
#define BTNS_BASE_NETNS_H

/* Zero is "unknown", so that a record nobody filled in never counts as btnsd's namespace. */
enum netns { NETNS_UNKNOWN, NETNS_OURS, NETNS_OTHER };

/*
 * The namespace of an open socket of any family, as the kernel says. A connection that was accepted
 * from an AF_UNIX listener belongs to the namespace in which the client made its end (measured on
 * 6.1, 6.18). NETNS_UNKNOWN: not a socket, or a kernel that does not say.
 */
enum netns netns_of_socket(int fd);

#endif
