/* Keeps datagrams from a socket of the program until btnsd was asked about its port. */
#ifndef BTNS_SHIM_SUPERVISE_RECEIVING_H
#define BTNS_SHIM_SUPERVISE_RECEIVING_H

#include <stdbool.h>

/* False: the program has a filter of its own on it, which stays. */
bool receiving_close(int fd);
/* Is the filter of receiving_close() on it? */
bool receiving_is_closed(int fd);
/* Drops all that comes, whatever filter the program has. */
bool receiving_block(int fd);
void receiving_open(int fd);
/* Throws away what has come. */
void receiving_drain(int fd);

#endif
