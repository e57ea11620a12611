/* Answers a program that is about to connect: at once, or when its guard is up. */
#ifndef BTNS_REQUESTS_CONNECT_H
#define BTNS_REQUESTS_CONNECT_H

#include "btnsd/requests/table.h"

/*
 * Answers the question q about the socket that came with r. program: the one that root asks about
 * (btnsctl verify); NULL: the sender's. message: the policy that libbtns asks for this one
 * datagram; NULL: the socket's. False closes the connection.
 */
bool connect_as(struct btnsd *d, struct request *r, struct btns_flow q, const char *program,
                const struct wish *message);

#endif
