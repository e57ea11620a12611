/* Notices when the last process has closed a socket that a program passed to btnsd. */
#ifndef BTNS_BASE_SOCKET_HOLDER_H
#define BTNS_BASE_SOCKET_HOLDER_H

#include "btnsd/base/loop.h"

#include <sys/types.h>

/*
 * Watches one socket. While the kernel holds a packet of a socket, it does not report that the last
 * descriptor of the socket was closed. Processes inherit and pass descriptors: when the process
 * known to have the socket dies, all of /proc is searched for another one. A copy that is in no
 * process's table, because it is in a message on its way, is not found: its program fails closed.
 * Embedded in its owner, zeroed.
 */
struct holder {
    struct holder *next,
        **link;         /* in the list of sockets whose process died; link NULL: not in it */
    struct watch watch; /* of the process */
    struct loop *loop;  /* NULL: not in use */
    ino_t inode;
    pid_t pid; /* the process that has the socket, as far as is known; 0: being searched for */
    pid_t had; /* the process that had the socket before the search, and may still have it */
    pid_t found;
    void (*gone)(void *arg);
    void *arg;
};

/*
 * gone(arg) is called once, later, when no process has the socket fd any more. Process pid has it
 * now.
 */
void holder_begin(struct holder *h, struct loop *l, int fd, pid_t pid, void (*gone)(void *arg),
                  void *arg);
void holder_end(struct holder *h);
/*
 * Call it when process pid may have closed the socket: a search soon looks for another process that
 * has it.
 */
void holder_check(struct holder *h);
/* Searches at once for a process that has the socket. Returns 0 if there is none. */
pid_t holder_find(struct holder *h);

#endif
