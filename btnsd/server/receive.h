/*
 * Takes one request from a client's connection, with its sender and its descriptor, and has it
 * handled.
 */
#ifndef BTNS_SERVER_RECEIVE_H
#define BTNS_SERVER_RECEIVE_H

#include "btnsd/server/client.h"

#include <stddef.h>

/* Reads and handles one request. 1: it had *len octets; 0: none was there; -1: close the client. */
int receive_request(struct client *c, size_t *len);
/* Handles c->kept. The request may be kept again, if it has to wait for another user's policies. */
void receive_kept(struct client *c);

#endif
