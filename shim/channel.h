/* Opens connections to btnsd on descriptors that do not disturb the program. */
#ifndef BTNS_SHIM_CHANNEL_H
#define BTNS_SHIM_CHANNEL_H

#include "shim/patience.h"

/*
 * Opens a connection to btnsd and checks that the other end runs as root. Returns a close-on-exec
 * descriptor with a high number, or -errno (-EPERM: a process that is not root's answers; -EUNATCH:
 * root is not mapped in this user namespace, so nobody can tell who answers). If btnsd's queue of
 * connections is full, waits as long as p allows (-EAGAIN, -EINTR); with p NULL it does not wait.
 */
int channel_open(struct patience *p);
/* Moves a descriptor to such a high number. Returns the number or -errno. */
int channel_move_up(int fd);
void channel_close(int fd);

#endif
