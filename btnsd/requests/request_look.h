/* The process that made a request, identified by the kernel where possible. */
#ifndef BTNS_REQUESTS_REQUEST_LOOK_H
#define BTNS_REQUESTS_REQUEST_LOOK_H

#include "btnsd/plan/asker.h"
#include "btnsd/server/server.h"

/* sender_look() at the sender of r. */
int request_look(const struct request *r, const struct view *view, struct asker *a,
                 struct err *err);

#endif
