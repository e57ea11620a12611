/* Decides whether a call may send: shared by sendto(), sendmsg() and sendmmsg(). */
#ifndef BTNS_SHIM_SENDING_H
#define BTNS_SHIM_SENDING_H

#include "shim/target.h"

#include <sys/types.h>

enum sends {
    SENDS_DATAGRAMS, /* a UDP socket: btnsd is asked about each address */
    SENDS_STREAM,    /* TCP or MPTCP: the kernel ignores the address, except with MSG_FASTOPEN */
    SENDS_OTHER,     /* btnsd does not protect it: the supervisor, if any, judges the call */
};

/* Makes no system call if the number is known (known.h). */
enum sends sends_what(int fd);
/*
 * The same without any system call: SENDS_DATAGRAMS if the number is not known, so that the caller
 * looks closer.
 */
enum sends sends_probably(int fd);
/* Would this call open a connection (MSG_FASTOPEN)? A datagram socket ignores the flag. */
bool sends_to_open(int fd, int flags);

enum send_how {
    SEND_GO,
    SEND_OTHER, /* send without the mark: the supervisor, if there is one, judges the call */
    SEND_REFUSED,
};

/*
 * Does the policy that the program has set with libbtns allow this message? True if the program is
 * not linked with libbtns. Sets errno if not. Pass the program's own msghdr: libbtns knows it by
 * its address.
 */
bool send_library_allows(int fd, const struct msghdr *msg, int flags);
/*
 * Has the datagram its own source route, or a source address that is not this host's? Then it must
 * not be sent: sets errno and reports why.
 */
bool send_is_diverted(int fd, const struct msghdr *msg);
/*
 * May this datagram be sent? Sets errno if it is refused. An invalid address is passed on, for the
 * kernel to refuse.
 */
enum send_how send_may_go(int fd, struct target *t, int flags);
/*
 * Call with the result of sending. If it failed because the guard failed, sets errno to btnsd's and
 * prints btnsd's reason.
 */
ssize_t sent_or_why(int fd, const struct target *t, ssize_t rc);
/*
 * Has this call failed because the SA was deleted between the kernel's look at the SPD and its
 * output (a rekey)? Linux says EINVAL then, and nothing has been sent: the caller sends once more.
 * Never true in a program that sends datagrams in parts: Linux has dropped the earlier parts.
 */
bool send_met_deleted_sa(ssize_t rc);
/*
 * May the call open this connection? Sets errno if not. A sending call cannot return with the
 * connection half open, so this waits for the verdict even if signals arrive.
 */
bool send_may_open(int fd, const struct target *t);

#endif
