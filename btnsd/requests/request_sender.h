/*
 * Reads the facts about the process that made a request, which the kernel identifies where it can.
 */
#ifndef BTNS_REQUESTS_REQUEST_SENDER_H
#define BTNS_REQUESTS_REQUEST_SENDER_H

#include "btnsd/plan/asker.h"
#include "btnsd/server/server.h"

/* sender_look() for the sender of r. */
int request_read_sender(const struct request *r, const struct view *view, struct asker *a,
                        struct err *err);

#endif
