/* Threads for calls that take long: each for one call, and a bounded number at once. */
#ifndef BTNS_SHIM_SUPERVISE_WORKERS_H
#define BTNS_SHIM_SUPERVISE_WORKERS_H

#include "shim/supervise/look.h"
#include "shim/supervise/supervision.h"

/* A call that a thread handles. The thread closes and frees everything. */
struct work {
    void (*run)(struct work *w);
    const struct supervision *v;
    struct caller caller;
    struct sight sight;
    struct decision decision;
};

/* Returns false if too many threads are running; then w still belongs to the caller. */
bool workers_start(struct work *w);
/* connect() that is interrupted when the program stops waiting for it. Returns 0 or -errno. */
int workers_connect(int fd, const struct sockaddr *address, socklen_t len);
/* Likewise for sendmsg(). Returns the number of bytes sent, or -errno. */
ssize_t workers_send(int fd, const struct msghdr *message, int flags);

bool workers_busy(void);
/* Interrupts the threads whose programs do not wait any more. */
void workers_tick(void);

#endif
