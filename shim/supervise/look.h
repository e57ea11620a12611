/* Reads what a call is about: its socket and its address. */
#ifndef BTNS_SHIM_SUPERVISE_LOOK_H
#define BTNS_SHIM_SUPERVISE_LOOK_H

#include "libapi/wire/addr.h"
#include "shim/supervise/caller.h"
#include "shim/supervise/judge.h"

#include <sys/socket.h>

/* What was read, once: what btnsd is asked about is what the kernel gets. */
struct sight {
    struct call_facts facts;
    int fd;     /* a copy of the socket's descriptor, or -1: look_end() closes it */
    int number; /* the program's */
    uint64_t cookie;
    struct sockaddr_storage address;
    socklen_t len;
    struct btns_addr remote; /* family 0: none */
    struct msghdr message;   /* of sendmsg() and sendmmsg(): the program's, with its pointers */
};

/* 0, or the errno (negative) with which the call ends; -ESRCH: nobody waits for it any more. */
int caller_sight(const struct caller *c, bool require, struct sight *s);
void look_end(struct sight *s);

bool socket_nonblocking(int fd);
/* The address it is bound to; false: to none. */
bool socket_local(int fd, struct btns_addr *local);

#endif
