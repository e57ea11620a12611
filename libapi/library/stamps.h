/* When and to which address a datagram came: what the kernel says of it in msg_control. */
#ifndef BTNS_LIBAPI_LIBRARY_STAMPS_H
#define BTNS_LIBAPI_LIBRARY_STAMPS_H

#include "libapi/wire/attrs.h"

#include <sys/socket.h>

/* Was ipsec_prepare_recv() called for this socket? */
bool is_prepared(int fd);
/* Adds what msg_control says to a question. What it does not say, btnsd takes for not known. */
void put_arrival(struct attrs_out *o, const struct msghdr *msg);

#endif
