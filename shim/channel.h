/* Connections to btnsd, in descriptors that keep out of the program's way. */
#ifndef BTNS_SHIM_CHANNEL_H
#define BTNS_SHIM_CHANNEL_H

#include "shim/patience.h"

/*
 * A connection to btnsd whose other end is known to be root's: a close-on-exec descriptor, as high
 * as is polite, never 0, 1 or 2; or -errno (-EPERM: somebody else answers there;
 * -EUNATCH: root has no number in the process's user namespace, so nobody can tell who answers).
 * When btnsd has too many connections to accept, it waits for it as long as p allows (-EAGAIN,
 * -EINTR); NULL: not at all.
 */
int channel_open(struct patience *p);
/* Gives a descriptor such a number. Returns it or -errno. */
int channel_move_up(int fd);
void channel_close(int fd);

#endif
