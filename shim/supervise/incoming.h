/* Keeps datagrams from a socket of the program until btnsd was asked about its port. */
#ifndef BTNS_SHIM_SUPERVISE_INCOMING_H
#define BTNS_SHIM_SUPERVISE_INCOMING_H

#include <stdbool.h>

/*
 * Attaches a filter that drops all datagrams. False: the socket has a filter of the program's,
 * which stays.
 */
bool incoming_close(int fd);
/* Is the filter of incoming_close() attached? */
bool incoming_is_closed(int fd);
/* Drops all datagrams, even if the socket has a filter of the program's. */
bool incoming_block(int fd);
void incoming_open(int fd);
/* Discards the datagrams in the socket's queue. */
void incoming_drain(int fd);

#endif
