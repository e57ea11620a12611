/* What comes for a datagram socket is not heard until btnsd was asked about its port. */
#ifndef BTNS_SHIM_SUPERVISE_HEARING_H
#define BTNS_SHIM_SUPERVISE_HEARING_H

#include <stdbool.h>

/* False: the program has a filter of its own on it, which stays. */
bool hearing_close(int fd);
void hearing_open(int fd);
/* Throws away what has come. */
void hearing_drain(int fd);

#endif
