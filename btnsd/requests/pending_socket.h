/* Blocks, opens or disconnects the socket of a connect() that waits for a guard. */
#ifndef BTNS_REQUESTS_PENDING_SOCKET_H
#define BTNS_REQUESTS_PENDING_SOCKET_H

#include "btnsd/requests/connect_pending.h"

/* The guard is, or is about to be, up: the socket may send and receive. */
void pending_open_socket(struct pending *p);
/* The connection goes on in the clear. */
void pending_clear_socket(struct pending *p);
/*
 * The guard will be gone. A socket that is still there, but among more descriptors than btnsd looks
 * through, is blocked by entries of its own.
 */
void pending_end_socket(struct pending *p);

#endif
