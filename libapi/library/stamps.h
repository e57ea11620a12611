/* Reads from msg_control when a datagram arrived and at which address. */
#ifndef BTNS_LIBAPI_LIBRARY_STAMPS_H
#define BTNS_LIBAPI_LIBRARY_STAMPS_H

#include "libapi/wire/attrs.h"

#include <sys/socket.h>

/* Was ipsec_prepare_recv() called for this socket? */
bool stamps_are_prepared(int fd);
/*
 * Adds the time and address from msg_control to a question. btnsd treats a missing value as
 * unknown.
 */
void stamps_put_arrival(struct attrs_out *o, const struct msghdr *msg);

#endif
