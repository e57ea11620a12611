/* Finds out when no process has a passed socket any more. */
#ifndef BTNS_BASE_SOCKET_HOLDER_H
#define BTNS_BASE_SOCKET_HOLDER_H

#include "btnsd/base/loop.h"

#include <sys/types.h>

/*
 * The kernel does not tell when the last copy of a socket's descriptor is closed while a packet of
 * it is held. Processes inherit and pass descriptors: when the process known to have the socket
 * dies, all of /proc is searched for another one. A copy that is in no process's table, because it
 * is in a message on its way, is not found: its program fails closed. Embedded in its owner,
 * zeroed.
 */
struct holder {
    struct holder *next,
        **link;         /* in the list of sockets whose process died; link NULL: not in it */
    struct watch watch; /* of the process */
    struct loop *loop;  /* NULL: not in use */
    ino_t inode;
    pid_t pid; /* that has it, as far as is known; 0: being searched for */
    pid_t had; /* it until it was searched for, and may have it still */
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
/* Call when process pid may have closed it: finds out, soon, who else has it. */
void holder_check(struct holder *h);
/* Searches at once for a process that has it. Returns 0 if there is none. */
pid_t holder_find(struct holder *h);

#endif
