/* What was set for a msghdr, and the look at the channel before it is used. */
#ifndef BTNS_LIBAPI_LIBRARY_MSGHDR_H
#define BTNS_LIBAPI_LIBRARY_MSGHDR_H

#include <sys/socket.h>

/*
 * May this thread send by the msghdr on fd, by what was set for it, or for its datagram socket?
 * Nothing was: 0. -1 with errno.
 */
int may_send(const char *call, int fd, const struct msghdr *msg, int flags);
int may_receive(const char *call, int fd, const struct msghdr *msg);

#endif
