/* What the calls that send have in common. */
#ifndef BTNS_SHIM_SENDING_H
#define BTNS_SHIM_SENDING_H

#include "shim/target.h"

#include <sys/types.h>

enum sends {
    SENDS_DATAGRAMS, /* of UDP: each address is asked about */
    SENDS_STREAM,    /* of TCP or MPTCP: the kernel ignores addresses, but with MSG_FASTOPEN */
    SENDS_OTHER,     /* is none of btnsd's: the supervisor, if there is one, judges it */
};

/* Costs no system call where the number is known. */
enum sends sends_what(int fd);
/* The same, if that costs no system call; else SENDS_DATAGRAMS, which is the one to look at. */
enum sends sends_probably(int fd);
/* Would the flag open a connection? A datagram socket does not know it and sends as without it. */
bool sends_to_open(int fd, int flags);

enum send_how {
    SEND_GO,
    SEND_OTHER, /* go on: the supervisor, if there is one, judges it */
    SEND_REFUSED,
};

/*
 * May the program send by this message, by what it has set for it with libbtns? Where it is not
 * linked with that library: yes. Fills in errno if not. The message has to be the program's own,
 * which the library knows by its address.
 */
bool send_library_allows(int fd, const struct msghdr *msg, int flags);
/* Has a datagram a source route of its own, or the source of another host? Then errno says that it
 * may not go. */
bool send_is_diverted(int fd, const struct msghdr *msg);
/*
 * May this datagram go? Fills in errno if it is refused. An address that names nothing goes on: the
 * kernel knows why.
 */
enum send_how send_may_go(int fd, struct target *t, int flags);
/* A guard that has failed blocks its datagrams: the reason is btnsd's. */
ssize_t sent_or_why(int fd, const struct target *t, ssize_t rc);
/*
 * May the call open this connection? If not, errno says why. A sending call cannot return with the
 * connection half open, so it waits for the verdict even if signals arrive.
 */
bool send_may_open(int fd, const struct target *t);

#endif
