/* Connections to btnsd, in descriptors that keep out of the program's way. */
#ifndef SHIM_CHANNEL_H
#define SHIM_CHANNEL_H

#include <stdbool.h>

/*
 * A connection to btnsd whose other end is known to be root's: a close-on-exec descriptor, as high
 * as is polite, never 0, 1 or 2; or -errno (-EPERM: somebody else answers there). With wait false
 * it is refused rather than waited for when btnsd has too many connections to accept.
 */
int channel_open(bool wait);
void channel_close(int fd);

#endif
