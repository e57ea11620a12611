/* Threads for calls that take long: each for one call, and a bounded number at once. */
#ifndef BTNS_SHIM_SUPERVISE_WORKERS_H
#define BTNS_SHIM_SUPERVISE_WORKERS_H

#include "shim/supervise/look.h"
#include "shim/supervise/supervision.h"

/* A call in the hands of a thread, which closes and frees everything. */
struct work {
    void (*run)(struct work *w);
    const struct supervision *v;
    struct caller caller;
    struct sight sight;
    struct decision decision;
};

/* False: too many are at work. Then w is still the caller's. */
bool workers_start(struct work *w);
/* connect(), which is left when the program does not wait for it any more. 0 or -errno. */
int workers_connect(int fd, const struct sockaddr *address, socklen_t len);
/* Likewise sendmsg(): the octets that were sent, or -errno. */
ssize_t workers_send(int fd, const struct msghdr *message, int flags);

bool workers_busy(void);
/* Wakes the threads whose programs do not wait any more. */
void workers_tick(void);

#endif
