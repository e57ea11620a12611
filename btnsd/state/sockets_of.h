/* The kernel's table of the sockets of one transport protocol. */
#ifndef BTNS_STATE_SOCKETS_OF_H
#define BTNS_STATE_SOCKETS_OF_H

#include "btnsd/state/daemon.h"
#include "libapi/wire/service.h"

static inline struct sockdiag *sockets_of(const struct btnsd *d, int protocol)
{
    return protocol_is_datagrams(protocol) ? d->datagrams : d->sockets;
}

#endif
