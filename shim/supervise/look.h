/* Reads the facts of a call: its socket, address and flags. */
#ifndef BTNS_SHIM_SUPERVISE_LOOK_H
#define BTNS_SHIM_SUPERVISE_LOOK_H

#include "libapi/wire/addr.h"
#include "shim/supervise/caller.h"
#include "shim/supervise/judge.h"
#include "shim/supervise/supervision.h"

#include <sys/socket.h>

/* The facts of a call, read once: the kernel gets exactly the call that btnsd was asked about. */
struct sight {
    struct call_facts facts;
    int fd;     /* a copy of the program's socket, which look_end() closes; -1: none */
    int number; /* the program's number for it */
    uint64_t cookie;
    struct sockaddr_storage address;
    socklen_t len;
    struct btns_addr remote; /* family 0: none */
    int flags;               /* of a call that sends */
    struct msghdr message;   /* of sendmsg() and sendmmsg(): the program's, with its pointers */
};

/* Returns 0, or the -errno with which the call ends; -ESRCH: the caller does not wait any more. */
int look_at_caller(const struct caller *c, const struct supervision *v, struct sight *s);
void look_end(struct sight *s);

bool look_is_socket_nonblocking(int fd);
/* The socket's local address. Returns false if it has none. */
bool look_socket_local(int fd, struct btns_addr *local);

#endif
