/*
 * Asks for the program of a process and the route to a host once for all messages of a moment
 * (base/message_batch.h).
 */
#ifndef BTNS_PLAN_FACTS_AT_ONCE_H
#define BTNS_PLAN_FACTS_AT_ONCE_H

#include "btnsd/xfrm/xfrm.h"

#include <sys/types.h>

/* As facts_program(). */
bool program_at_once(pid_t pid, char *path, size_t size);
/* As route_lookup(). */
int route_at_once(const struct route_query *q, struct route *r);

#endif
