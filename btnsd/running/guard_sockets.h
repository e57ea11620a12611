/* The kernel's connections that a guard protects. */
#ifndef BTNS_RUNNING_GUARD_SOCKETS_H
#define BTNS_RUNNING_GUARD_SOCKETS_H

#include "btnsd/state/daemon.h"

struct guard_sockets {
    struct sock_entry *entry; /* free() it */
    size_t n, room;
    bool failed;
};

/* False: they cannot be read, and *c has some of them, or none. */
bool guard_sockets_list(struct btnsd *d, const struct guard *g, struct guard_sockets *c);

#endif
