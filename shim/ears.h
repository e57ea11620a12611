/* Keeps a datagram socket from receiving while no floor protects its port. */
#ifndef BTNS_SHIM_EARS_H
#define BTNS_SHIM_EARS_H

#include <stdbool.h>

/*
 * Attaches a socket filter that drops all incoming datagrams. It stays attached if btnsd refuses,
 * because a datagram socket cannot be unbound.
 */
bool ears_close(int fd);
void ears_open(int fd);
/* Discards the datagrams that are already in the socket's queue. */
void ears_drain(int fd);

#endif
