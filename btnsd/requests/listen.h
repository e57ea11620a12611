/* Answers a program that is about to listen: makes the floor under its socket, and its latch. */
#ifndef BTNS_REQUESTS_LISTEN_H
#define BTNS_REQUESTS_LISTEN_H

#include "btnsd/requests/table.h"

/* Answers the question q about the socket that came with r. False closes the connection. */
bool listen_as(struct btnsd *d, struct request *r, const struct btns_flow *q);

#endif
