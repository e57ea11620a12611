/* Users' stored policies are read when a program of theirs first asks; its requests wait. */
#ifndef BTNS_RUNNING_STORED_POLICIES_H
#define BTNS_RUNNING_STORED_POLICIES_H

#include "btnsd/state/daemon.h"

/* Finds whose policies are stored, and reads none. Call it before the server answers. */
void stored_policies_find(struct btnsd *d);
/* From now on the requests of users whose policies are being read wait. */
void stored_policies_serve(struct btnsd *d);

#endif
