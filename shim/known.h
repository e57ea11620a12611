/* What is known about the program's descriptors without asking the kernel. */
#ifndef BTNS_SHIM_KNOWN_H
#define BTNS_SHIM_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A fresh socket was made by this process's socket(), of its network namespace, and was not bound,
 * connected or listened with since.
 */
void known_made(int fd, int domain, int type, int protocol);
/* The number of a fresh socket's protocol, once; 0: it is not known to be one. */
int known_take_fresh(int fd);

/* Changes whenever something about fd does. */
uint64_t known_mark(int fd);
/* Neither an IPv4 nor an IPv6 socket, if nothing has changed since the mark. */
void known_other(int fd, uint64_t mark);
bool known_is_other(int fd);
/* A stream of TCP or MPTCP that is no fresh socket any more: no address is sent to by it. */
bool known_is_stream(int fd);
/* It is one, if nothing has changed since the mark. */
void known_streams(int fd, uint64_t mark);

/*
 * Names the socket of UDP that has this number, for as long as it has it and the socket's own
 * address stays; 0: it is not known to be one.
 */
uint32_t known_datagrams(int fd);
/* It is one, if nothing has changed since the mark. */
void known_has_datagrams(int fd, uint64_t mark);
/*
 * Its address may change without being seen: it was made elsewhere, or has another number (dup()),
 * maybe another process's (fork()).
 */
bool known_is_shared(int fd);

/* The cookie of the listener with this number, about which btnsd was asked; 0: it is not known. */
uint64_t known_listener(int fd);
void known_listens(int fd, uint64_t cookie);

/* The program closes or replaces these numbers. */
void known_forget(unsigned first, unsigned last);
/* A socket is bound or listened with, by this number. */
void known_bound(int fd);
/* The socket of UDP with this number has another address, and so another name. */
void known_moved(int fd);
/* Some socket may have been bound in a way that was not seen. */
void known_forget_fresh(void);
/*
 * From now on numbers of one table of descriptors are taken for those of another (vfork(),
 * unshare()), or sockets are made in another network namespace: nothing is known any more.
 */
void known_give_up(void);

#endif
