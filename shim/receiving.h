/* Keeps a datagram socket from receiving while no floor protects its port. */
#ifndef BTNS_SHIM_RECEIVING_H
#define BTNS_SHIM_RECEIVING_H

#include <stdbool.h>

/*
 * Attaches a socket filter that drops all incoming datagrams. It stays attached if btnsd refuses,
 * because a datagram socket cannot be unbound.
 */
bool receiving_block(int fd);
void receiving_unblock(int fd);
/* Discards the datagrams that are already in the socket's queue. */
void receiving_drain(int fd);

#endif
