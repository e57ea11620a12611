/* btnsd's signals: SIGTERM and SIGINT end the loop, SIGHUP reads the policy, SIGCHLD reaps. */
#ifndef BTNS_START_SIGNALS_H
#define BTNS_START_SIGNALS_H

#include "btnsd/state/daemon.h"

#include <sys/types.h>

struct signals {
    struct watch watch;
    struct btnsd *d;
    void (*reaped)(struct btnsd *d, pid_t pid, int status);
};

/* Returns 0 or -errno. `reaped` is called for each child that has ended. */
int signals_watch(struct signals *s, struct btnsd *d,
                  void (*reaped)(struct btnsd *d, pid_t pid, int status));

#endif
