/* Reads what a call is about: the socket, its address and flags. */
#ifndef BTNS_SHIM_SUPERVISE_LOOK_H
#define BTNS_SHIM_SUPERVISE_LOOK_H

#include "libapi/wire/addr.h"
#include "shim/supervise/caller.h"
#include "shim/supervise/judge.h"

#include <sys/socket.h>

/* What was read, once: the kernel gets exactly what btnsd was asked about. */
struct sight {
    struct call_facts facts;
    int fd;     /* a copy of the program's socket, which look_end() closes; -1: none */
    int number; /* the program's number for it */
    uint64_t cookie;
    struct sockaddr_storage address;
    socklen_t len;
    struct btns_addr remote; /* family 0: none */
    struct msghdr message; /* sendmsg(), sendmmsg(): the program's, with pointers into its memory */
};

/*
 * Returns 0, or the -errno with which the call fails. -ESRCH: the program does not wait any more.
 */
int caller_sight(const struct caller *c, bool require, struct sight *s);
void look_end(struct sight *s);

bool socket_nonblocking(int fd);
/* The socket's local address. Returns false if it has none. */
bool socket_local(int fd, struct btns_addr *local);

#endif
