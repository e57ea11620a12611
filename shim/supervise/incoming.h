/* Keeps datagrams from a socket of the program until btnsd was asked about its port. */
#ifndef BTNS_SHIM_SUPERVISE_INCOMING_H
#define BTNS_SHIM_SUPERVISE_INCOMING_H

#include <stdbool.h>

/* False: the program has a filter of its own on it, which stays. */
bool incoming_close(int fd);
/* Is the filter of incoming_close() on it? */
bool incoming_is_closed(int fd);
/* Drops all that comes, whatever filter the program has. */
bool incoming_block(int fd);
void incoming_open(int fd);
/* Throws away what has come. */
void incoming_drain(int fd);

#endif
