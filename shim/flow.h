/* Fills in the fields that every message about a socket has in common. */
#ifndef BTNS_SHIM_FLOW_H
#define BTNS_SHIM_FLOW_H

#include "libapi/wire/wire.h"

/*
 * Starts a message of this type about the socket with this cookie, with this process's mode and
 * policy.
 */
void flow_init(struct btns_flow *f, enum btns_type type, int protocol, uint64_t cookie);

#endif
