/* A passed socket whose program died: does anybody else still have it? */
#ifndef BTNS_HOLDER_H
#define BTNS_HOLDER_H

#include "btnsd/base/loop.h"

#include <sys/types.h>

/*
 * We hold a copy, so the kernel does not tell. Processes inherit and pass descriptors: when the one
 * that is known to have it dies, all of /proc is looked through for another. A copy that is in
 * nobody's table, as it is on its way in a message, is not found: its program fails closed.
 * Embedded in its owner, zeroed.
 */
struct holder {
    struct holder *next, **link; /* of those whose process died; link NULL: not one of them */
    struct watch watch;          /* of the process */
    struct loop *loop;           /* NULL: not in use */
    ino_t inode;
    pid_t found;
    void (*gone)(void *arg);
    void *arg;
};

/* gone(arg) is called once, later, when no process has the socket fd any more; pid has it now. */
void holder_begin(struct holder *h, struct loop *l, int fd, pid_t pid, void (*gone)(void *arg),
                  void *arg);
void holder_end(struct holder *h);

#endif
