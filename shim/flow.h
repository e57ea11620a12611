/* Messages about one of the program's sockets. */
#ifndef SHIM_FLOW_H
#define SHIM_FLOW_H

#include "libapi/wire/wire.h"

/* A message of this type about the socket with this cookie, as this process is to be treated. */
void flow_init(struct btns_flow *f, enum btns_type type, int protocol, uint64_t cookie);

#endif
