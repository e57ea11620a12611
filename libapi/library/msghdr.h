/* What was set for a msghdr, and the look at the channel before it is used. */
#ifndef BTNS_LIBAPI_LIBRARY_MSGHDR_H
#define BTNS_LIBAPI_LIBRARY_MSGHDR_H

#include <sys/socket.h>

/* May this thread use the msghdr on fd, by what was set for it? Nothing was: 0. -1 with errno. */
int message_may(const char *call, int fd, const struct msghdr *msg);

#endif
