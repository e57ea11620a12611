/* Blocks, opens or disconnects the socket of a connect() that waits for a guard. */
#ifndef BTNS_REQUESTS_PENDING_SOCKET_H
#define BTNS_REQUESTS_PENDING_SOCKET_H

#include "btnsd/requests/connect_pending.h"

/* The guard is up, or about to be: opens the socket, so that it may send and receive. */
void pending_open_socket(struct pending *p);
/* The connection goes on in the clear: opens the socket for that. */
void pending_clear_socket(struct pending *p);
/*
 * The guard will be gone: disconnects or blocks the socket. If it still exists, but among more
 * descriptors than btnsd searches, it is blocked by SPD entries of its own.
 */
void pending_end_socket(struct pending *p);

#endif
