/* What comes for a datagram socket is not heard until btnsd was asked about its port. */
#ifndef BTNS_SHIM_SUPERVISE_HEARING_H
#define BTNS_SHIM_SUPERVISE_HEARING_H

#include <stdbool.h>

/* False: the program has a filter of its own on it, which stays. */
bool hearing_close(int fd);
/* Is the filter of hearing_close() on it? */
bool hearing_is_closed(int fd);
/* Nothing is heard any more, whatever filter the program has. */
bool hearing_block(int fd);
void hearing_open(int fd);
/* Throws away what has come. */
void hearing_drain(int fd);

#endif
