/* Connections to btnsd, on descriptors that do not get in the program's way. */
#ifndef SHIM_CHANNEL_H
#define SHIM_CHANNEL_H

#include <stdbool.h>

/*
 * Opens a connection to btnsd after checking that the other end runs as root. Returns a
 * close-on-exec descriptor, as high as is reasonable and never 0, 1 or 2; or -errno (-EPERM: the
 * other end is not root's). If btnsd's queue of connections is full, the call waits for room when
 * `wait` is true and fails otherwise.
 */
int channel_open(bool wait);
void channel_close(int fd);

#endif
