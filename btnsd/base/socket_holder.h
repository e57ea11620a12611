/* Finds out when no process has a passed socket any more. */
#ifndef BTNS_HOLDER_H
#define BTNS_HOLDER_H

#include "btnsd/base/loop.h"

#include <sys/types.h>

/*
 * We hold a copy of the descriptor, so the kernel does not tell us when the program's copies are
 * closed. Processes inherit and pass descriptors: when the process known to have the socket dies,
 * all of /proc is searched for another one. A copy that is in no process's table, because it is in
 * a message on its way, is not found: its program fails closed. Embedded in its owner, zeroed.
 */
struct holder {
    struct holder *next,
        **link;         /* in the list of sockets whose process died; link NULL: not in it */
    struct watch watch; /* of the process */
    struct loop *loop;  /* NULL: not in use */
    ino_t inode;
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

#endif
