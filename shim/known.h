/* Remembers what the program's descriptors are, so that warm calls need not ask the kernel. */
#ifndef BTNS_SHIM_KNOWN_H
#define BTNS_SHIM_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * socket() has returned fd. A fresh socket was made by this process's socket() in its network
 * namespace, and has not been bound, connected or listened on since.
 */
void known_made(int fd, int domain, int type, int protocol);
/*
 * Returns a fresh socket's protocol and clears its fresh mark. 0: the socket is not known to be
 * fresh.
 */
int known_take_fresh(int fd);

/* A value that changes whenever the entry for fd changes. */
uint64_t known_mark(int fd);
/* Notes that fd is no IPv4 or IPv6 socket, unless the entry has changed since the mark. */
void known_other(int fd, uint64_t mark);
bool known_is_other(int fd);
/*
 * Called for each connection that is accepted on such a descriptor. True, once in KNOWN_DOUBT
 * calls: check whether fd has become another socket unseen.
 */
bool known_is_doubtful(int fd);
#define KNOWN_DOUBT 32
/* Is fd a TCP or MPTCP socket that is not fresh? Such a socket ignores addresses in sendto(). */
bool known_is_stream(int fd);
/* Notes that fd is such a socket, unless the entry has changed since the mark. */
void known_streams(int fd, uint64_t mark);

/*
 * A name for the UDP socket at fd, valid while it keeps this number and its own address. 0: fd is
 * not known to be a UDP socket.
 */
uint32_t known_datagrams(int fd);
/* Notes that fd is a UDP socket, unless the entry has changed since the mark. */
void known_has_datagrams(int fd, uint64_t mark);
/*
 * May the socket's address change unseen? The socket was made elsewhere, or has another number
 * (dup()), perhaps in another process (fork()).
 */
bool known_is_shared(int fd);

/* The cookie of the listener at fd, about which btnsd was asked; 0: none is known. */
uint64_t known_listener(int fd);
void known_listens(int fd, uint64_t cookie);

/* The program closes or replaces the descriptors first to last. */
void known_forget(unsigned first, unsigned last);
/* The program binds a socket, or listens on it, by this number. */
void known_bound(int fd);
/* The UDP socket at fd has got another address, so it gets another name. */
void known_moved(int fd);
/* A socket may have been bound unseen: no socket counts as fresh any more. */
void known_forget_fresh(void);
/*
 * Drops everything: the numbers may mean another descriptor table (vfork(), unshare()), or sockets
 * may be made in another network namespace.
 */
void known_give_up(void);

#endif
