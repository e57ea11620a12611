/* What btns-run asks btnsd before it starts the program. */
#ifndef BTNS_RUN_DAEMON_H
#define BTNS_RUN_DAEMON_H

#include "libapi/client/conversation.h"

/* 0 with its status, or -errno: it does not answer as it should. */
int daemon_status(struct btns_status_msg *status, struct err *err);
/* Reads the file as the user who called, and submits its text. 0 with the handle, or -errno. */
int daemon_policy(const char *file, uint64_t *handle, struct err *err);

#endif
