/*
 * Reads a user's stored policies when one of the user's programs first asks; its requests wait
 * meanwhile.
 */
#ifndef BTNS_RUNNING_STORED_POLICIES_H
#define BTNS_RUNNING_STORED_POLICIES_H

#include "btnsd/state/daemon.h"

/* Finds out which users have stored policies, and reads none. Call it before the server answers. */
void stored_policies_find(struct btnsd *d);
/* From now on, requests of users whose policies are being read wait. */
void stored_policies_serve(struct btnsd *d);

#endif
