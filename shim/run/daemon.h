/* What btns-run asks btnsd before it starts the program. */
#ifndef BTNS_SHIM_RUN_DAEMON_H
#define BTNS_SHIM_RUN_DAEMON_H

#include "libapi/client/ask.h"

/* Asks btnsd for its status. Returns 0, or -errno if btnsd does not answer as it should. */
int daemon_status(struct btns_status_msg *status, struct err *err);
/*
 * Reads the policy file as the calling user and sends its text to btnsd. Returns 0 with the handle,
 * or -errno.
 */
int daemon_policy(const char *file, uint64_t *handle, struct err *err);

#endif
